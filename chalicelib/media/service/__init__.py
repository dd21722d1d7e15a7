"""What other domains may ask of this one, verb by verb."""

from .pictures import attach_writes, look_at, post_of, removal_writes, remove_media, show_picture
from .sweeping import sweep_unused

__all__ = [
    "attach_writes",
    "look_at",
    "post_of",
    "removal_writes",
    "remove_media",
    "show_picture",
    "sweep_unused",
]
