"""What other domains may ask of this one, verb by verb."""

from .avatars import given_up, wear
from .pictures import attach_writes, look_at, post_of, removal_writes, remove_media, show_picture
from .sweeping import sweep_unused

__all__ = [
    "attach_writes",
    "given_up",
    "look_at",
    "post_of",
    "removal_writes",
    "remove_media",
    "show_picture",
    "sweep_unused",
    "wear",
]
