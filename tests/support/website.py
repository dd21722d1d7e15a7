"""The website in a browser: keeps the cookies that the API sets and sends them along where they belong."""

from typing import Any

from .edges import Http, Reply

ORIGIN = "https://www.jule.example"
BY_COOKIE = {"X-Client": "web/1.0", "X-Device": "Firefox 150", "X-Session": "cookie", "Origin": ORIGIN}
SESSION, REFRESH = "__Host-jule_session", "__Secure-jule_refresh"


class Browser:
    """One browser with the website open."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.jar: dict[str, tuple[str, str]] = {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str | None) -> Reply:
        """Send a request as the website does; a header of None is left out (underscores for dashes)."""
        sent: dict[str, str | None] = {**BY_COOKIE, "Cookie": self.cookies(path) or None}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._http(method, path, body, headers={k: v for k, v in sent.items() if v is not None})
        self.keep(answer)
        return answer

    def cookies(self, path: str) -> str:
        """Write the cookies that belong to a path."""
        return "; ".join(f"{name}={value}" for name, (value, at) in self.jar.items() if path.startswith(at))

    def keep(self, answer: Reply) -> None:
        """Do what `Set-Cookie` says."""
        for name, value, flags in set_cookies(answer):
            if flags["Max-Age"] == "0":
                self.jar.pop(name, None)
            else:
                self.jar[name] = (value, flags["Path"])

    def value(self, name: str) -> str:
        """Give what a cookie holds."""
        return self.jar[name][0]


def set_cookies(answer: Reply) -> list[tuple[str, str, dict[str, str]]]:
    """Read every `Set-Cookie` of an answer: name, value, attributes."""
    found = []
    for line in answer.cookies:
        (name, _, value), *flags = (part.strip().partition("=") for part in line.split(";"))
        found.append((name, value, {flag: said for flag, _, said in flags}))
    return found
