"""Who makes an HTTP request: its address, and its principal."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from pydantic import SecretStr

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS
from hub.auth import OPERATOR, Authenticator, Grants, Revocations, sign
from hub.http.access import Access
from hub.options import AuthOptions, KeyOptions
from tests.kit import ManualClock

KEYED = AuthOptions(keys=(KeyOptions(id="k1", secret=SecretStr("a-secret-for-tests-of-at-least-32-bytes")),))
CLOCK = ManualClock()


def access(options: AuthOptions = KEYED, *proxies: str) -> Access:
    return Access(Authenticator(options, Revocations(options, CLOCK), CLOCK), proxies)


def request(remote: str | None = "10.0.0.9", **headers: str) -> web.BaseRequest:
    """Make a request; underscores in names of headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/", headers=named).clone(remote=remote)


def bearer(admin: bool = False) -> str:
    return f"Bearer {sign('alice', Grants(admin=admin), options=KEYED, clock=CLOCK)}"


# Addresses.


def test_the_address_is_that_of_the_socket() -> None:
    """What a client says of itself is not believed."""
    assert access().address(request(X_Forwarded_For="1.2.3.4")) == "10.0.0.9"
    assert access(KEYED, "10.1.0.0/16").address(request(X_Forwarded_For="1.2.3.4")) == "10.0.0.9"
    assert access().address(request(None)) == ""


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.7", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.7", "10.0.0.7"),
        ("1.2.3.4, , ", "1.2.3.4"),
        ("", "10.0.0.9"),
        ("nonsense", "10.0.0.9"),
        ("1.2.3.4, nonsense", "10.0.0.9"),
        ("1.2.3.4, nonsense, 10.0.0.7", "10.0.0.7"),
    ],
)
def test_behind_a_trusted_proxy_its_word_counts(forwarded: str, address: str) -> None:
    """The last hop that is no trusted proxy; a client may write what it likes before that."""
    assert access(KEYED, "10.0.0.0/24").address(request(X_Forwarded_For=forwarded)) == address


def test_proxies_may_be_single_addresses_and_networks_with_host_bits() -> None:
    """As people write them."""
    for proxy in ("10.0.0.9", "10.0.0.9/8"):
        assert access(KEYED, proxy).address(request(X_Forwarded_For="1.2.3.4")) == "1.2.3.4"


def test_a_socket_without_an_address_is_no_proxy() -> None:
    """Such as a Unix socket's."""
    assert access(KEYED, "10.0.0.0/8").address(request("", X_Forwarded_For="1.2.3.4")) == ""


# Principals.


def test_a_token_says_who_it_is() -> None:
    """Wherever it is asked."""
    assert access().principal(request(Authorization=bearer())).user == "alice"


def test_a_bad_token_is_refused_even_where_none_is_needed() -> None:
    """It is a mistake that must not pass silently."""
    for options in (KEYED, AuthOptions(keys=KEYED.keys, anonymous=True), AuthOptions()):
        with pytest.raises(ReplyError) as caught:
            access(options).principal(request(Authorization="Bearer nonsense"))
        assert caught.value.code is ErrorCode.INVALID_TOKEN


def test_without_a_token() -> None:
    """An open hub believes this machine's users; another one lets strangers in only where that is configured."""
    assert access(AuthOptions()).principal(request()) is OPERATOR
    assert access(AuthOptions(keys=KEYED.keys, anonymous=True)).principal(request()) is ANONYMOUS
    with pytest.raises(ReplyError) as caught:
        access().principal(request())
    assert caught.value.code is ErrorCode.UNAUTHENTICATED


def test_operators() -> None:
    """A token with the claim admin, or anyone who reaches an open hub."""
    assert access().operator(request(Authorization=bearer(admin=True))).user == "alice"
    assert access(AuthOptions()).operator(request()) is OPERATOR
    for headers in ({"Authorization": bearer()}, {}):
        with pytest.raises(ReplyError):
            access(AuthOptions(keys=KEYED.keys, anonymous=True)).operator(request(**headers))
