"""What a route declares about itself: the one source of its behaviour, its documentation and its tests."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Literal

import msgspec

from ..kernel.call import Role
from ..kernel.errors import Failure
from .limits import Limit

WithKey = bool | Literal["trade", "both"]


class Who(Enum):
    """Who may call a route."""

    GUEST = "guest"
    """Anyone, nothing is known of them."""
    PERSON = "person"
    """A person with a session, whose standing is read."""
    STAFF = "staff"
    """A member of staff with a session of staff and one of the route's roles."""
    PROVIDER = "provider"
    """A counterparty whose signature the verb checks; gets the raw request."""


class Raw(msgspec.Struct, frozen=True):
    """A request as a provider signed it."""

    headers: dict[str, str]
    body: bytes


class Contradiction(TypeError):
    """A route contradicts itself.

    It declares what needs a person without asking for one, a shared cache for one, a replay of nothing; or it is of
    staff and says no roles, or of others and says some.
    """


class Route(msgspec.Struct, frozen=True):
    """One endpoint.

    `place` is where what was made is to be seen, with the fields of the view in it (`/v1/things/{0.thing_id}`).
    `with_key` reads the caller's data keys along with standing: that of `main` (True), of `trade`, or both. `refuses`
    is the shape in which a provider wants to be refused; `refused` writes the page that says it to a browser. `form` is
    the shape of a body as browsers send it; a provider's is only described, since the verb reads what came. A route
    that `redirects` may answer 303 besides. What comes `on_record` must say from which channel and device.
    `roles` are those of staff who may call it; `trained` keeps it closed to those without current training and exam.
    What is `of_right` takes no guardian's agreement of somebody under age; whatever only shows or removes never does.
    What is `navigated` a person opens or sends in a browser, and no script or frame does.
    What `begins_session` gives the website its tokens as cookies where it asks for that.
    """

    method: str
    path: str
    function: Callable[..., Any]
    who: Who
    purpose: str
    returns: Any
    body: Any = None
    query: Any = None
    status: int = 200
    errors: tuple[type[Failure], ...] = ()
    idempotent: bool = False
    replay: Callable[..., Any] | None = None
    if_match: bool = False
    recent: bool = False
    with_key: WithKey = False
    limits: tuple[Limit, ...] = ()
    cache_s: int = 0
    html: bool = False
    refuses: Any = None
    refused: Callable[[Failure], str] | None = None
    form: Any = None
    redirects: bool = False
    navigated: bool = False
    on_record: bool = False
    place: str = ""
    roles: tuple[Role, ...] = ()
    trained: bool = False
    begins_session: bool = False
    of_right: bool = False

    def __post_init__(self) -> None:
        """Stop a module whose route contradicts itself when it is imported, not when somebody calls."""
        of_a_person = self.idempotent or self.recent or self.with_key or any(one.per == "person" for one in self.limits)
        if (
            (of_a_person and self.who is not Who.PERSON)
            or (self.cache_s and self.who is not Who.GUEST)
            or (self.replay is not None and not self.idempotent)
            or (bool(self.roles) != (self.who is Who.STAFF))
            or (self.trained and self.who is not Who.STAFF)
            or (self.refused is not None and not self.html)
        ):
            raise Contradiction(self.path)

    @property
    def guarded(self) -> bool:
        """Whether somebody under age needs what the purpose says."""
        return self.who is Who.PERSON and not self.of_right and self.method in {"POST", "PUT"}

    @property
    def name(self) -> str:
        """The operation's name, as documented."""
        return self.function.__name__

    @property
    def parameters(self) -> list[str]:
        """Names of path parameters in order."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


REGISTERED: dict[tuple[str, str], Route] = {}
"""Every route imported so far, by method and path."""
