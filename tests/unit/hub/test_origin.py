"""Which pages may talk to the hub, and under which names it answers: one row per attack or use."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from hub.options import ServerOptions
from hub.origin import OriginCheck

APP = "https://app.example.com"


def headers(*pairs: tuple[str, str]) -> CIMultiDict[str]:
    """Make request headers."""
    return CIMultiDict(pairs)


def refusal(
    origin: str | None,
    host: str = "hub.example.com",
    scheme: str = "https",
    *,
    server: ServerOptions | None = None,
    open_mode: bool = False,
) -> str | None:
    """Ask about one request."""
    check = OriginCheck(server or ServerOptions(), open_mode)
    sent = headers(("Host", host)) if origin is None else headers(("Host", host), ("Origin", origin))
    return check.refusal(sent, scheme, host)


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("https://hub.example.com", "hub.example.com", "https"),
        ("https://hub.example.com", "hub.example.com:443", "https"),
        ("https://hub.example.com:443", "hub.example.com", "https"),
        ("http://hub.example.com", "hub.example.com:80", "http"),
        ("HTTPS://HUB.example.com", "hub.EXAMPLE.com", "https"),
        ("http://hub.example.com:8080", "hub.example.com:8080", "http"),
        ("https://[::1]:8443", "[0:0:0:0:0:0:0:1]:8443", "https"),
        ("https://hub.example.com", "hub.example.com", "wss"),
        ("http://hub.example.com", "hub.example.com", "ws"),
        (None, "hub.example.com", "https"),
    ],
)
def test_the_hubs_own_pages_and_programs_pass(origin: str | None, host: str, scheme: str) -> None:
    """An origin is scheme, name and port; a program that is no browser sends none."""
    assert refusal(origin, host, scheme) is None


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("https://evil.example", "hub.example.com", "https"),
        ("https://hub.example.com.evil.example", "hub.example.com", "https"),
        ("https://evil.example/hub.example.com", "hub.example.com", "https"),
        ("https://hub.example.com@evil.example", "hub.example.com", "https"),
        ("https://sub.hub.example.com", "hub.example.com", "https"),
        ("http://hub.example.com", "hub.example.com", "https"),
        ("https://hub.example.com", "hub.example.com", "http"),
        ("https://hub.example.com:8443", "hub.example.com", "https"),
        ("http://localhost:3000", "localhost:8080", "http"),
        ("http://localhost:8080", "127.0.0.1:8080", "http"),
        ("null", "hub.example.com", "https"),
        ("null", "null", "https"),
        ("", "hub.example.com", "https"),
        ("", "", "https"),
        ("file://", "hub.example.com", "https"),
        ("https://hub.example.com, https://evil.example", "hub.example.com", "https"),
    ],
)
def test_foreign_pages_are_refused(origin: str, host: str, scheme: str) -> None:
    """Cross-site WebSocket hijacking, and requests forged by a page that the user happened to open."""
    reason = refusal(origin, host, scheme)
    assert reason is not None
    assert "server.origins" in reason


def test_configured_origins_pass() -> None:
    """Whatever the host, and however the origin is spelt."""
    server = ServerOptions(origins=(APP, "tauri://localhost"))
    assert refusal(APP, server=server) is None
    assert refusal("https://APP.example.com:443", server=server) is None
    assert refusal("tauri://localhost", server=server) is None
    assert refusal("http://app.example.com", server=server) is not None
    assert refusal("https://app.example.com:444", server=server) is not None


def test_a_refusal_hints_at_a_proxy() -> None:
    """Behind a proxy that ends TLS the hub sees http, and the browser says https."""
    assert "behind a proxy" in str(refusal("https://hub.example.com", scheme="http"))
    assert "behind a proxy" not in str(refusal("https://evil.example", scheme="http"))


def test_a_refusal_repeats_only_the_beginning() -> None:
    """A header may be long, and hold what a terminal would obey."""
    reason = str(refusal("https://\x1b[2J" + "a" * 5000))
    assert len(reason) < 250
    assert "\x1b" not in reason


def test_several_origins_are_refused() -> None:
    """No browser sends two; who checks the first may not be who uses the last."""
    check = OriginCheck(ServerOptions(origins=(APP,)), open_mode=False)
    sent = headers(("Host", "hub"), ("Origin", APP), ("Origin", "https://evil.example"))
    assert check.refusal(sent, "https", "hub") == "expected one Origin header, got several"


@pytest.mark.parametrize(
    ("site", "passes"), [("cross-site", False), ("same-site", False), ("same-origin", True), ("none", True)]
)
def test_a_browser_that_sends_no_origin_is_known_by_another_header(site: str, passes: bool) -> None:
    """`Sec-Fetch-Site` can't be set by a page."""
    check = OriginCheck(ServerOptions(), open_mode=False)
    assert (check.refusal(headers(("Sec-Fetch-Site", site)), "http", "hub") is None) is passes


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.3.2.1", "[::1]:8080"])
def test_an_open_hub_answers_to_loopback_names(host: str) -> None:
    """This machine's own programs and pages."""
    assert refusal(None, host, "http", open_mode=True) is None
    assert refusal(f"http://{host}", host, "http", open_mode=True) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "0.0.0.0:8080",
        "192.168.0.7",
        "[::2]",
        "localhost.",
        "local host",
        "",
    ],
)
def test_dns_rebinding_is_refused(host: str) -> None:
    """The page's origin and the host agree, since the page's own name points here now; so the name itself is judged."""
    reason = refusal(f"http://{host}", host, "http", open_mode=True)
    assert reason is not None
    assert "loopback" in reason
    check = OriginCheck(ServerOptions(), open_mode=True)
    assert check.host_refusal(headers(("Host", host)), host) is not None, "a rebound page's GET carries no Origin"


def test_an_open_hub_answers_to_configured_names_too() -> None:
    """Such as that of a container, with or without a port."""
    server = ServerOptions(hosts=("hub.test", "other.test:81"))
    for host in ("hub.test", "hub.test:8080", "other.test:81", "localhost"):
        assert refusal(None, host, open_mode=True, server=server) is None
    for host in ("other.test", "other.test:82", "evil.example"):
        assert refusal(None, host, open_mode=True, server=server) is not None


def test_a_hub_with_keys_answers_to_any_name_unless_names_are_configured() -> None:
    """A token isn't sent by the browser of itself, so a rebound page has none."""
    assert refusal(None, "anything.test") is None
    server = ServerOptions(hosts=("hub.example.com",))
    assert refusal(None, "hub.example.com:8443", server=server) is None
    assert "one of server.hosts" in str(refusal(None, "localhost", server=server))


def test_several_hosts_are_refused() -> None:
    """A proxy may go by one of them, and the hub by the other."""
    check = OriginCheck(ServerOptions(), open_mode=False)
    assert check.host_refusal(headers(("Host", "a"), ("Host", "b")), "a") == "expected one Host header, got several"
