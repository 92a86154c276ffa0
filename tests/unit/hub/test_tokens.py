"""Making and reading tokens, below the question who may come in with one."""

from __future__ import annotations

import base64
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from channels.errors import ErrorCode, ReplyError
from channels.model import is_name
from hub.options import AuthOptions, KeyOptions
from hub.tokens import TOKEN_MAX, Grants, read_seconds, read_text, sign, verify
from tests.kit import ManualClock

SECRET = "first-secret-of-at-least-32-bytes!!"
OTHER = "other-secret-of-at-least-32-bytes!!"
KEYS = {"k1": SecretStr(SECRET)}
TWO_KEYS = {"k1": SecretStr(SECRET), "k2": SecretStr(OTHER)}
OPTIONS = AuthOptions(
    keys=(KeyOptions(id="k1", secret=SecretStr(SECRET)), KeyOptions(id="k2", secret=SecretStr(OTHER)))
)
CLOCK = ManualClock()


def part(value: object) -> str:
    """Encode one part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def signed(payload: object, secret: str = SECRET, **header: object) -> str:
    """Make a token with HS256, whatever is in it."""
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return jwt.PyJWS().encode(text, secret, "HS256", header)


def refusal(token: str, keys: dict[str, SecretStr] = KEYS) -> str:
    """Return why a token is refused."""
    with pytest.raises(ReplyError) as caught:
        verify(token, keys)
    assert caught.value.code is ErrorCode.INVALID_TOKEN
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.message


def test_the_claims_of_a_good_token() -> None:
    """As they were signed."""
    assert verify(signed({"sub": "alice"}, kid="k1"), KEYS) == {"sub": "alice"}


def test_a_token_without_kid_is_tried_with_the_only_key() -> None:
    """With several keys it would be open which one is meant."""
    token = signed({"sub": "alice"})
    assert verify(token, KEYS) == {"sub": "alice"}
    assert "names no key" in refusal(token, TWO_KEYS)


def test_both_keys_are_valid_at_once() -> None:
    """Which is what makes rotation without an interruption possible."""
    assert verify(signed({"n": 1}, SECRET, kid="k1"), TWO_KEYS) == {"n": 1}
    assert verify(signed({"n": 2}, OTHER, kid="k2"), TWO_KEYS) == {"n": 2}


GOOD = signed({"sub": "alice"}, kid="k1")
HEADER, PAYLOAD, _ = GOOD.split(".")

ATTACKS = {
    "alg none, unsigned": (f"{part({'alg': 'none', 'kid': 'k1'})}.{PAYLOAD}.", "signed with HS256"),
    "alg None": (f"{part({'alg': 'None', 'kid': 'k1'})}.{PAYLOAD}.", "signed with HS256"),
    "alg none, with a good signature": (
        f"{part({'alg': 'none', 'kid': 'k1'})}.{PAYLOAD}.{GOOD.rpartition('.')[2]}",
        "signed with HS256",
    ),
    "alg confusion: RS256": (f"{part({'alg': 'RS256', 'kid': 'k1'})}.{PAYLOAD}.AAAA", "signed with HS256"),
    "alg HS512 with the right secret": (jwt.PyJWS().encode(b"{}", SECRET * 2, "HS512", {"kid": "k1"}), "with HS256"),
    "alg a list": (f"{part({'alg': ['HS256'], 'kid': 'k1'})}.{PAYLOAD}.AAAA", "signed with HS256"),
    "alg missing": (f"{part({'kid': 'k1'})}.{PAYLOAD}.AAAA", "signed with HS256"),
    "another secret": (signed({"sub": "alice"}, OTHER, kid="k1"), "signature"),
    "an empty signature": (GOOD.rpartition(".")[0] + ".", "signature"),
    "a changed payload": (GOOD.replace(PAYLOAD, part({"sub": "admin"})), "signature"),
    "a changed header": (GOOD.replace(HEADER, part({"typ": "JWT", "alg": "HS256", "kid": "k1", "x": 1})), "signature"),
    "unknown kid": (signed({}, kid="k9"), "key k9: the hub has no such key"),
    "kid that is a path": (signed({}, kid="../../dev/null"), "unknown kid"),
    "kid that is no text": (f"{part({'alg': 'HS256', 'kid': 1})}.{PAYLOAD}.AAAA", "expected a JSON Web Token"),
    "kid null": (f"{part({'alg': 'HS256', 'kid': None})}.{PAYLOAD}.AAAA", "expected a JSON Web Token"),
    "key in the header": (
        f"{part({'alg': 'HS256', 'jwk': {'kty': 'oct', 'k': 'AAAA'}, 'kid': 'k2'})}.{PAYLOAD}.AAAA",
        "no such key",
    ),
    "crit that nobody knows": (signed({}, kid="k1", crit=["x"], x=1), "expected a JSON Web Token"),
    "b64 false": (f"{part({'alg': 'HS256', 'kid': 'k1', 'b64': False, 'crit': ['b64']})}..AAAA", "JSON Web Token"),
    "a header nested deeply": (f"{part(b'[' * 5000)}.{PAYLOAD}.AAAA", "expected a JSON Web Token"),
    "a header that is a list": (f"{part([])}.{PAYLOAD}.AAAA", "expected a JSON Web Token"),
    "a payload that is a list": (signed([], kid="k1"), "payload"),
    "a payload that is not JSON": (signed(b"\xff{", kid="k1"), "payload"),
    "a payload with NaN": (signed(b'{"exp": NaN}', kid="k1"), "payload"),
    "a payload nested deeply": (signed(b"[" * 5000, kid="k1"), "payload"),
    "empty": ("", "expected a JSON Web Token"),
    "two parts": ("a.b", "expected a JSON Web Token"),
    "four parts": (GOOD + ".AAAA", "expected a JSON Web Token"),
    "five parts, as when encrypted": ("a.b.c.d.e", "expected a JSON Web Token"),
    "not base64url": ("!!!.???.###", "expected a JSON Web Token"),
    "not ASCII": (GOOD + "é", "expected a JSON Web Token"),
    "a lone surrogate": ("\ud800.a.b", "expected a JSON Web Token"),
    "a line feed at the end": (GOOD + "\n", "expected a JSON Web Token"),
    "too long": ("a" * (TOKEN_MAX + 1), f"at most {TOKEN_MAX} characters"),
}


@pytest.mark.parametrize(("token", "reason"), ATTACKS.values(), ids=ATTACKS.keys())
def test_attacks_are_refused(token: str, reason: str) -> None:
    """With a reason that holds neither the token nor the secret."""
    message = refusal(token)
    assert reason in message
    assert SECRET not in message
    assert not token or token not in message


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True)))
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    """Tokens come from strangers."""
    refusal(text)


HEADERS = st.dictionaries(
    st.sampled_from(["alg", "kid", "crit", "b64", "typ"]),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["HS256", "k1"]), st.lists),
)


@given(header=HEADERS, payload=st.binary(max_size=64))
def test_any_header_is_refused_and_nothing_worse(header: dict[str, object], payload: bytes) -> None:
    """Nothing in a header is believed before the signature is."""
    refusal(f"{part(header)}.{part(payload)}.{part(b'x' * 32)}")


def test_sign_makes_what_verify_reads() -> None:
    """With every claim that the hub asks for."""
    grants = Grants(subscribe=("deploys", "job:*"), rooms=("ops",), admin=True)
    token = sign("alice", grants, options=OPTIONS, clock=CLOCK, lifetime=60.5, token_id="t1")
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "k1"}
    now = int(CLOCK.now())
    assert verify(token, TWO_KEYS) == {
        "sub": "alice",
        "aud": "tocsin",
        "iat": now,
        "exp": now + 61,
        "jti": "t1",
        "subscribe": ["deploys", "job:*"],
        "rooms": ["ops"],
        "admin": True,
    }


def test_sign_with_another_key_and_an_issuer() -> None:
    """The first key signs unless another is named; `jti` is random."""
    options = OPTIONS.model_copy(update={"issuer": "https://login.example.com"})
    tokens = [sign("alice", options=options, clock=CLOCK, key_id="k2") for _ in range(2)]
    claims = [verify(token, {"k2": SecretStr(OTHER)}) for token in tokens]
    assert claims[0]["iss"] == "https://login.example.com"
    assert claims[0]["jti"] != claims[1]["jti"]
    assert is_name(claims[0]["jti"])


@pytest.mark.parametrize(
    ("user", "grants", "options", "changes", "reason"),
    [
        ("a b", Grants(), OPTIONS, {}, "expected a user of 1 to 128"),
        ("", Grants(), OPTIONS, {}, "expected a user of 1 to 128"),
        ("alice", Grants(), OPTIONS, {"lifetime": 0}, "expected a lifetime up to auth.max_lifetime"),
        ("alice", Grants(), OPTIONS, {"lifetime": 1e9}, "expected a lifetime up to auth.max_lifetime"),
        ("alice", Grants(), OPTIONS, {"key_id": "k3"}, "auth.keys has no key k3"),
        ("alice", Grants(), AuthOptions(), {}, "auth.keys is empty"),
        ("alice", Grants(publish=("a b",)), OPTIONS, {}, "claim publish"),
        ("alice", Grants(rooms=("room with blanks",)), OPTIONS, {}, "claim rooms"),
    ],
)
def test_sign_makes_no_token_that_would_be_refused(
    user: str, grants: Grants, options: AuthOptions, changes: dict[str, float], reason: str
) -> None:
    """The one who signs learns it, not the client later."""
    with pytest.raises(ValueError, match=reason):
        sign(user, grants, options=options, clock=CLOCK, **changes)  # type: ignore[arg-type]


def test_capabilities_of_grants() -> None:
    """Rooms are memberships, not capabilities, and admin gives no channel."""
    assert Grants(admin=True).capabilities() == {}
    assert Grants(publish=("a", "b"), rooms=("ops",)).capabilities() == {"publish": ("a", "b")}


@pytest.mark.parametrize(
    ("claims", "claim"),
    [
        ({"subscribe": "deploys"}, "subscribe"),
        ({"subscribe": None}, "subscribe"),
        ({"publish": ["a", 1]}, "publish"),
        ({"publish": {"a": True}}, "publish"),
        ({"history": ["a b"]}, "history"),
        ({"history": [""]}, "history"),
        ({"history": ["a" * 129]}, "history"),
        ({"history": ["a\n"]}, "history"),
        ({"presence": ["[a-z]"]}, "presence"),
        ({"presence": ["é"]}, "presence"),
        ({"rooms": ["ops*"]}, "rooms"),
        ({"rooms": ["a" * 124]}, "rooms"),
        ({"rooms": [["ops"]]}, "rooms"),
        ({"admin": "true"}, "admin"),
        ({"admin": 1}, "admin"),
        ({"admin": None}, "admin"),
    ],
)
def test_malformed_grants_name_the_claim(claims: dict[str, object], claim: str) -> None:
    """A token that is half understood is not understood."""
    with pytest.raises(ReplyError, match=rf"^claim {claim}: expected") as caught:
        Grants.read(claims)
    assert caught.value.code is ErrorCode.INVALID_TOKEN


NAMES = st.lists(st.from_regex(r"[A-Za-z0-9._:@-]{1,20}", fullmatch=True), max_size=3).map(tuple)


@given(st.builds(Grants, NAMES, NAMES, NAMES, NAMES, NAMES, st.booleans()))
def test_grants_survive_a_token(grants: Grants) -> None:
    """What is signed is what is read."""
    token = sign("alice", grants, options=OPTIONS, clock=CLOCK)
    assert Grants.read(verify(token, TWO_KEYS)) == grants


@pytest.mark.parametrize(
    "value", [True, "1800000000", [1], {}, -1, 1_800_000_000_000, 10**30, float("inf"), float("nan")]
)
def test_a_time_is_a_number_of_seconds(value: object) -> None:
    """Milliseconds are a mistake that would make a token eternal."""
    with pytest.raises(ReplyError, match="claim exp: expected seconds since 1970"):
        read_seconds({"exp": value}, "exp")


def test_a_time_must_be_there() -> None:
    """And may have a fraction."""
    assert read_seconds({"exp": 1_800_000_000.5}, "exp") == 1_800_000_000.5
    with pytest.raises(ReplyError, match="claim exp: missing"):
        read_seconds({}, "exp")


@pytest.mark.parametrize("value", ["", "a" * 129, 1, ["a"], False])
def test_a_text_is_short(value: object) -> None:
    """An id that fills memory is no id."""
    with pytest.raises(ReplyError, match="claim jti: expected a string of 1 to 128"):
        read_text({"jti": value}, "jti")


def test_a_text_may_be_missing() -> None:
    """Then it is `None`."""
    assert read_text({}, "jti") is None
    assert read_text({"jti": "x y/z+="}, "jti") == "x y/z+="
