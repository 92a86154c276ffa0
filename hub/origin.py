"""Which web pages may talk to the hub, and under which names the hub answers.

A browser attaches itself to any page that its user opens. Three attacks use that, and none of them needs the page to
know anything of the user:

Cross-site WebSocket hijacking (CWE-1385)
    The same-origin policy doesn't hold for WebSocket: a page of any site may open one to this hub, and read it. The
    browser does say where the page came from, in `Origin`, which a page can't forge.
Cross-site request forgery (CWE-352)
    A form of a foreign page may post to this hub without asking first, as long as it names an old content type such as
    `text/plain`; and JSON can be made to look like that. The page can't read the answer, but the publication is made.
DNS rebinding (CWE-350)
    A page of `evil.example` lets that name point at 127.0.0.1 once it is loaded. To the browser it still talks to its
    own origin, so `Origin` and `Host` agree. But `Host` names `evil.example`, and no hub is called that.

So `Host` is checked on every request while the hub is open, and `Origin` on each upgrade and each request that changes
something. Programs that are no browsers send no `Origin`, and could send any: tokens hold them off, and on an open hub
the loopback address does, not this.
"""

from __future__ import annotations

from multidict import MultiMapping

from hub.hosts import Host, Origin, is_loopback, parse_host, parse_origin
from hub.options import ServerOptions

_HTTP = {"ws": "http", "wss": "https"}
_FOREIGN = {"cross-site", "same-site"}
"""Values of `Sec-Fetch-Site` for a request that a page of another origin caused."""
_SHOWN = 100
"""Characters of a refused header that are repeated in the refusal."""


class OriginCheck:
    """Checks `Host` and `Origin`.

    Args:
        server: for `origins` and `hosts`.
        open_mode: the hub asks nobody for a token, and so answers to loopback names and the configured ones only.
    """

    def __init__(self, server: ServerOptions, open_mode: bool) -> None:
        self._open_mode = open_mode
        self.adopt(server)

    def adopt(self, server: ServerOptions) -> None:
        """Check by these options from now on."""
        self._origins = {parse_origin(text) for text in server.origins}
        self._hosts = {parse_host(text) for text in server.hosts}

    def refusal(self, headers: MultiMapping[str], scheme: str, host: str) -> str | None:
        """Say why an upgrade, or a request that changes something, is refused with 403; `None` when it isn't.

        Args:
            scheme: of the request: `http`, `https`, `ws` or `wss`.
            host: the `Host` header as it came; "" when there was none. Never a name made up in its place.
        """
        return self.host_refusal(headers, host) or self._origin_refusal(headers, scheme, host)

    def host_refusal(self, headers: MultiMapping[str], host: str) -> str | None:
        """Say why a request of any method is refused with 403. A rebound page sends no `Origin` with a GET."""
        if len(headers.getall("Host", [])) > 1:
            return "expected one Host header, got several"
        if not self._open_mode and not self._hosts:
            return None
        parsed = parse_host(host)
        if parsed is not None and self._answers_to(parsed):
            return None
        names = "a loopback name or one of server.hosts" if self._open_mode else "one of server.hosts"
        return f"expected {names} as Host, got {_shown(host)}"

    def _answers_to(self, host: Host) -> bool:
        if self._open_mode and is_loopback(host.name):
            return True
        return host in self._hosts or Host(host.name, None) in self._hosts

    def _origin_refusal(self, headers: MultiMapping[str], scheme: str, host: str) -> str | None:
        origins = headers.getall("Origin", [])
        if len(origins) > 1:
            return "expected one Origin header, got several"
        if not origins:
            # Browsers send Origin wherever it matters. Should one not, this newer header tells a page from a program.
            foreign = headers.get("Sec-Fetch-Site", "").lower() in _FOREIGN
            return "a page of another origin asked for this, and its browser sent no Origin" if foreign else None
        origin = parse_origin(origins[0])
        own = parse_origin(f"{_HTTP.get(scheme, scheme)}://{host}")
        if origin is not None and (origin == own or origin in self._origins):
            return None
        return f"origin {_shown(origins[0])} is neither the hub's own nor one of server.origins{_hint(origin, own)}"


def _hint(origin: Origin | None, own: Origin | None) -> str:
    if origin is not None and own is not None and origin.name == own.name and origin.scheme != own.scheme:
        return f" (the request came by {own.scheme}: behind a proxy that ends TLS, name the public origin there)"
    return ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
