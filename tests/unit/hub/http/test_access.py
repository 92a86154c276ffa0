"""Who makes an HTTP request: its address, and its principal."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Principal
from hub.auth import OPERATOR, Authenticator, Grants, Revocations, sign
from hub.http.access import Access
from hub.options import AuthOptions
from tests.kit import ManualClock
from tests.live import with_keys

CLOCK = ManualClock()
KEYED = with_keys().auth
OPEN = AuthOptions()
PROXIES = ("10.9.9.9/8", "192.0.2.1", "2001:db8:a::/48")


def access(options: AuthOptions = OPEN, *proxies: str) -> Access:
    return Access(Authenticator(options, Revocations(options, CLOCK), CLOCK), proxies)


def request(remote: str | None = "127.0.0.1", *headers: tuple[str, str]) -> web.BaseRequest:
    made = make_mocked_request("GET", "/", headers=CIMultiDict(headers))
    return made.clone() if remote is None else made.clone(remote=remote)


def address(remote: str, *forwarded: str, proxies: tuple[str, ...] = PROXIES) -> str:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    return access(OPEN, *proxies).address(request(remote, *headers))


def token(user: str = "alice", grants: Grants | None = None) -> tuple[str, str]:
    return "Authorization", f"Bearer {sign(user, grants or Grants(), options=KEYED, clock=CLOCK)}"


def refusal(found: Access, asked: web.BaseRequest, *, operator: bool = False) -> ErrorCode:
    with pytest.raises(ReplyError) as caught:
        found.operator(asked) if operator else found.principal(asked)
    return caught.value.code


# Addresses.


def test_without_proxies_the_header_is_not_believed() -> None:
    """Anyone can send it: the address is that of the socket."""
    assert address("203.0.113.9", "198.51.100.1", proxies=()) == "203.0.113.9"


def test_a_stranger_is_not_believed() -> None:
    """Only what a trusted proxy sends counts."""
    assert address("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_behind_a_proxy_the_client_is_named_by_it() -> None:
    """A single address or a network, IPv4 or IPv6, may be trusted; host bits in a network do no harm."""
    for proxy in ("10.1.2.3", "192.0.2.1", "2001:db8:a::7"):
        assert address(proxy, "203.0.113.9") == "203.0.113.9"
    assert address("192.0.2.2", "203.0.113.9") == "192.0.2.2"


def test_what_a_client_makes_up_is_passed_over() -> None:
    """Proxies append: the last hop that none of them made is the client, whatever it claims before that."""
    assert address("10.0.0.1", "127.0.0.1, 10.0.0.5, 203.0.113.9") == "203.0.113.9"
    assert address("10.0.0.1", "127.0.0.1, 203.0.113.9, 10.0.0.5, 10.0.0.4") == "203.0.113.9"


def test_several_headers_are_one_list() -> None:
    """In their order, so a client can't hide its address behind a second header."""
    assert address("10.0.0.1", "127.0.0.1", "203.0.113.9") == "203.0.113.9"
    assert address("10.0.0.1", "203.0.113.9", "10.0.0.4") == "203.0.113.9"


def test_a_request_that_only_proxies_made() -> None:
    """The hop farthest away is the client; without the header it is the proxy itself."""
    assert address("10.0.0.1", "10.0.0.9, 10.0.0.4") == "10.0.0.9"
    assert address("10.0.0.1") == "10.0.0.1"


def test_ipv6() -> None:
    """One address has one spelling, so that limits count it once; an IPv4 address in IPv6's clothes is IPv4."""
    assert address("10.0.0.1", "2001:DB8:0:0::1") == "2001:db8::1"
    assert address("2001:db8:a::1", "2001:db8:b::1, 2001:db8:a::2") == "2001:db8:b::1"
    assert address("::ffff:10.0.0.1", "::ffff:203.0.113.9") == "203.0.113.9"


def test_ports_are_left_off() -> None:
    """Some proxies write them, and each connection has another."""
    assert address("10.0.0.1", "203.0.113.9:4711") == "203.0.113.9"
    assert address("10.0.0.1", "[2001:db8::1]:4711") == "2001:db8::1"
    assert address("10.0.0.1", "[2001:DB8::1]") == "2001:db8::1"
    assert address("10.0.0.1", "203.0.113.9, 10.0.0.4:80") == "203.0.113.9"


@pytest.mark.parametrize(
    "garbage", ["unknown", "_hidden", "1.2.3", "999.1.1.1:2", "[::", "a" * 9000, "é", "10.0.0.1/8"]
)
def test_garbage_is_believed_no_further(garbage: str) -> None:
    """It would be a new address each time; the last hop before it is what is known of the client."""
    assert address("10.0.0.1", garbage) == "10.0.0.1"
    assert address("10.0.0.1", f"203.0.113.9, {garbage}, 10.0.0.4") == "10.0.0.4"


@pytest.mark.parametrize("empty", ["", " ", ",", " , ,"])
def test_empty_elements_are_no_hops(empty: str) -> None:
    """As in any list in a header (RFC 9110, 5.6.1)."""
    assert address("10.0.0.1", empty) == "10.0.0.1"
    assert address("10.0.0.1", f"203.0.113.9,{empty}, 10.0.0.4") == "203.0.113.9"


def test_a_socket_without_an_address() -> None:
    """A Unix socket has none, and is no trusted proxy."""
    assert address("", "203.0.113.9") == ""


# Principals.


def test_who_has_a_token_is_its_user() -> None:
    """With what the token grants."""
    principal = access(KEYED).principal(request(None, token(grants=Grants(publish=("news",)))))
    assert (principal.user, principal.admin) == ("alice", False)
    assert principal.capabilities["publish"] == ("news",)


def test_a_bad_token_is_refused() -> None:
    """Also where no token would do: who shows one means to be its user."""
    bad = ("Authorization", "Bearer bad")
    assert refusal(access(KEYED), request(None, bad)) is ErrorCode.INVALID_TOKEN
    assert refusal(access(KEYED.model_copy(update={"anonymous": True})), request(None, bad)) is ErrorCode.INVALID_TOKEN
    assert refusal(access(OPEN), request(None, bad)) is ErrorCode.INVALID_TOKEN


def test_without_a_token() -> None:
    """On an open hub everyone is an operator; with keys nobody is anyone, or, where that is allowed, anonymous."""
    assert access(OPEN).principal(request()) is OPERATOR
    assert access(KEYED.model_copy(update={"anonymous": True})).principal(request()) is ANONYMOUS
    assert refusal(access(KEYED), request()) is ErrorCode.UNAUTHENTICATED


def test_operators() -> None:
    """A token with the claim admin, or anyone on an open hub."""
    admin: Principal = access(KEYED).operator(request(None, token("root", Grants(admin=True))))
    assert (admin.user, admin.admin) == ("root", True)
    assert access(OPEN).operator(request()) is OPERATOR


def test_who_is_no_operator() -> None:
    """Is told to show a token when there was none, and is denied with another's."""
    anonymous = KEYED.model_copy(update={"anonymous": True})
    assert refusal(access(KEYED), request(), operator=True) is ErrorCode.UNAUTHENTICATED
    assert refusal(access(KEYED), request(None, token()), operator=True) is ErrorCode.PERMISSION_DENIED
    assert refusal(access(anonymous), request(), operator=True) is ErrorCode.PERMISSION_DENIED
