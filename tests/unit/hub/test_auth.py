"""Who is on the other side. One row per refused attack."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from multidict import CIMultiDict
from pydantic import SecretStr

from channels.clock import SystemClock
from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Operation, Principal
from hub.auth import OPERATOR, Authenticator, FoundToken, Grants, Revocations, challenge, sign, token_from
from hub.options import AuthOptions, KeyOptions
from hub.tokens import verify
from tests.kit import ManualClock

SECRET = "first-secret-of-at-least-32-bytes!!"
OTHER = "other-secret-of-at-least-32-bytes!!"
K1 = KeyOptions(id="k1", secret=SecretStr(SECRET))
K2 = KeyOptions(id="k2", secret=SecretStr(OTHER))
OPTIONS = AuthOptions(keys=(K1,), leeway=5, max_lifetime=86_400)
NOW = 1_800_000_000


def authenticator(options: AuthOptions = OPTIONS, clock: ManualClock | None = None) -> Authenticator:
    """Make one for which it is `NOW`."""
    clock = clock or ManualClock(NOW)
    return Authenticator(options, Revocations(options, clock), clock)


def token(secret: str = SECRET, kid: str | None = "k1", **changes: Any) -> str:
    """Sign good claims, but for `changes`; `None` takes a claim away."""
    claims = {"sub": "alice", "aud": "tocsin", "iat": NOW - 60, "exp": NOW + 600, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.PyJWS().encode(json.dumps(claims).encode(), secret, "HS256", {"kid": kid} if kid else None)


def refusal(text: str, who: Authenticator | None = None) -> str:
    """Return why a token is refused."""
    with pytest.raises(ReplyError) as caught:
        (who or authenticator()).authenticate(text)
    assert caught.value.code is ErrorCode.INVALID_TOKEN
    return caught.value.message


def test_a_good_token() -> None:
    """All that it says becomes the principal."""
    text = token(jti="t1", subscribe=["job:*"], publish=["deploys"], rooms=["ops"], admin=True, unknown={"a": 1})
    principal = authenticator().authenticate(text)
    assert principal == Principal(
        "alice",
        "t1",
        NOW - 60,
        NOW + 600,
        {"subscribe": ("job:*",), "publish": ("deploys",)},
        admin=True,
        rooms=frozenset({"ops"}),
    )
    assert principal.grants(Operation.SUBSCRIBE, "job:7")
    assert not principal.grants(Operation.PUBLISH, "job:7")


def test_a_token_that_grants_nothing() -> None:
    """Is still somebody."""
    assert authenticator().authenticate(token()) == Principal("alice", None, NOW - 60, NOW + 600)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"exp": NOW - 30}, "the token expired 30 s ago"),
    "expired just over the leeway": ({"exp": NOW - 5}, "the token expired 5 s ago"),
    "no exp": ({"exp": None}, "claim exp: missing"),
    "exp as text": ({"exp": str(NOW + 60)}, "claim exp: expected seconds"),
    "exp true": ({"exp": True}, "claim exp: expected seconds"),
    "exp in milliseconds": ({"exp": NOW * 1000}, "claim exp: expected seconds"),
    "exp too far": ({"exp": NOW + 86_400}, "the token lives 86460 s, of at most 86400 s"),
    "no iat": ({"iat": None}, "claim iat: missing"),
    "iat in the future": ({"iat": NOW + 6}, "issued (iat) 6 s in the future"),
    "iat a list": ({"iat": [NOW]}, "claim iat: expected seconds"),
    "nbf in the future": ({"nbf": NOW + 6}, "not valid before (nbf) 6 s from now"),
    "nbf as text": ({"nbf": "now"}, "claim nbf: expected seconds"),
    "no aud": ({"aud": None}, "claim aud: expected the audience tocsin; it is missing"),
    "another aud": ({"aud": "bank"}, "claim aud: expected the audience tocsin"),
    "aud that contains it": ({"aud": "not-tocsin"}, "claim aud: expected"),
    "other auds": ({"aud": ["bank", "shop"]}, "claim aud: expected"),
    "no auds": ({"aud": []}, "claim aud: expected"),
    "aud a mapping": ({"aud": {"tocsin": 1}}, "claim aud: expected"),
    "aud of mixed types": ({"aud": ["tocsin", 1]}, "claim aud: expected"),
    "no sub": ({"sub": None}, "claim sub: expected the user"),
    "an empty sub": ({"sub": ""}, "claim sub: expected the user"),
    "sub a number": ({"sub": 7}, "claim sub: expected the user"),
    "sub with a blank": ({"sub": "al ice"}, "claim sub: expected the user"),
    "sub with a line feed": ({"sub": "alice\n"}, "claim sub: expected the user"),
    "sub with a pattern": ({"sub": "*"}, "claim sub: expected the user"),
    "sub that climbs": ({"sub": "../bob"}, "claim sub: expected the user"),
    "sub with a homoglyph": ({"sub": "аlice"}, "claim sub: expected the user"),
    "sub too long": ({"sub": "a" * 129}, "claim sub: expected the user"),
    "jti a number": ({"jti": 7}, "claim jti: expected a string"),
    "publish as text": ({"publish": "*"}, "claim publish: expected a list"),
    "admin as text": ({"admin": "yes"}, "claim admin: expected true or false"),
    "another key": ({"secret": OTHER}, "signature"),
    "unknown kid": ({"kid": "k2"}, "key k2: the hub has no such key"),
}


@pytest.mark.parametrize(("changes", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_tokens_that_are_refused(changes: dict[str, Any], reason: str) -> None:
    """With a reason that says what is wrong, and holds neither the token nor the secret."""
    text = token(**changes)
    message = refusal(text)
    assert reason in message
    assert text not in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 4.9},
        {"iat": NOW + 5, "nbf": NOW + 5},
        {"nbf": NOW - 600},
        {"aud": ["bank", "tocsin"]},
        {"iat": NOW - 60.5},
        {"exp": NOW + 86_340},
        {"kid": None},
    ],
)
def test_tokens_at_the_edge_are_taken(changes: dict[str, Any]) -> None:
    """Clocks may differ by the leeway."""
    assert authenticator().authenticate(token(**changes)).user == "alice"


def test_the_issuer_is_checked_where_one_is_configured() -> None:
    """Without it any issuer that has the key will do."""
    assert authenticator().authenticate(token(iss="anyone")).user == "alice"
    strict = authenticator(OPTIONS.model_copy(update={"issuer": "https://login.example.com"}))
    assert strict.authenticate(token(iss="https://login.example.com")).user == "alice"
    for issuer in (None, "https://evil.example", ["https://login.example.com"]):
        assert "claim iss: expected the issuer https://login" in refusal(token(iss=issuer), strict)


def test_rotation_refuses_nobody() -> None:
    """Old and new key are valid at once; then the old one goes."""
    both = authenticator(OPTIONS.model_copy(update={"keys": (K2, K1)}))
    old, new = token(), token(OTHER, "k2")
    assert both.authenticate(old).user == both.authenticate(new).user == "alice"
    assert "names no key" in refusal(token(kid=None), both)
    assert "signature" in refusal(token(OTHER, "k1"), both), "the right secret under the other key's id"
    after = authenticator(OPTIONS.model_copy(update={"keys": (K2,)}))
    assert after.authenticate(new).user == "alice"
    assert "no such key" in refusal(old, after)


async def test_revoked_tokens_are_refused() -> None:
    """By their id, and by their user."""
    clock = ManualClock(NOW)
    revocations = Revocations(OPTIONS, clock)
    who = Authenticator(OPTIONS, revocations, clock)
    text = token(jti="t1")
    assert who.authenticate(text).token_id == "t1"
    await revocations.revoke_token("t1")
    assert refusal(text, who) == "the token, or its user, was revoked"
    other = token(jti="t2")
    assert who.authenticate(other).token_id == "t2"
    await revocations.revoke_user("alice")
    assert refusal(other, who) == "the token, or its user, was revoked"
    assert who.authenticate(token(sub="bob", jti="t3")).user == "bob"


def test_time_passes_by_the_given_clock() -> None:
    """A token ends when the clock says so."""
    clock = ManualClock(NOW)
    who = authenticator(clock=clock)
    text = sign("alice", Grants(), options=OPTIONS, clock=clock, lifetime=60)
    assert who.authenticate(text).expires == NOW + 60
    clock.advance(64.9)
    assert who.authenticate(text).user == "alice"
    clock.advance(0.2)
    assert refusal(text, who) == "the token expired 5 s ago"


async def test_a_token_that_was_checked_before_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its signature isn't checked again; its end, and whether it was revoked, are each time."""
    clock = ManualClock(NOW)
    revocations = Revocations(OPTIONS, clock)
    who = Authenticator(OPTIONS, revocations, clock)
    checked: list[str] = []

    def checking(text: str, keys: Any) -> dict[str, Any]:
        checked.append(text)
        return verify(text, keys)

    monkeypatch.setattr("hub.auth.verify", checking)
    first, second = token(jti="t1"), token(jti="t2")
    assert who.authenticate(first) is who.authenticate(first)
    assert who.authenticate(second).token_id == "t2"
    assert checked == [first, second]
    await revocations.revoke_token("t1")
    assert refusal(first, who) == "the token, or its user, was revoked"
    clock.advance(604.9)
    assert who.authenticate(second).user == "alice"
    clock.advance(0.2)
    assert refusal(second, who) == "the token expired 5 s ago"


def test_a_token_is_not_known_any_more_when_the_keys_change() -> None:
    """A key that was taken away takes its tokens with it."""
    who = authenticator()
    text = token()
    assert who.authenticate(text).user == "alice"
    who.adopt(OPTIONS.model_copy(update={"keys": (K2,)}))
    assert "no such key" in refusal(text, who)


def test_few_tokens_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is bounded; what isn't known is checked."""
    monkeypatch.setattr("hub.auth.KNOWN_MAX", 2)
    who = authenticator()
    texts = [token(jti=f"t{number}") for number in range(5)]
    for text in (*texts, *texts):
        assert who.authenticate(text).user == "alice"
    assert len(who._known) == 2


def test_an_altered_token_is_not_known() -> None:
    """One character makes it another token."""
    who = authenticator()
    text = token()
    assert who.authenticate(text).user == "alice"
    altered = text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1]
    assert "signature" in refusal(altered, who)


def test_an_open_hub_believes_the_client_id() -> None:
    """It listens on loopback only, so they are operators. A token it can't read, and says so."""
    who = authenticator(AuthOptions())
    assert who.is_open
    assert who.principal_without_token("alice") == Principal("alice", admin=True)
    assert "has no keys" in refusal(token(), who)


def test_a_hub_with_keys_asks_for_a_token() -> None:
    """Unless it lets anonymous clients in; they are nobody, whatever they call themselves."""
    assert not authenticator().is_open
    assert authenticator().principal_without_token("alice") is None
    anonymous = authenticator(OPTIONS.model_copy(update={"anonymous": True}))
    assert anonymous.principal_without_token("alice") is ANONYMOUS
    assert "signature" in refusal(token(OTHER), anonymous), "a bad token is not taken for none"


def test_a_refresh_keeps_the_user() -> None:
    """A connection doesn't become another's."""
    who = authenticator()
    current = who.authenticate(token())
    fresh = who.refresh(current, token(exp=NOW + 1200, subscribe=["deploys"]))
    assert fresh.expires == NOW + 1200
    for stranger in (Principal("bob"), ANONYMOUS):
        with pytest.raises(ReplyError, match="expected a token of the same user") as caught:
            who.refresh(stranger, token())
        assert caught.value.code is ErrorCode.INVALID_TOKEN
    with pytest.raises(ReplyError, match="expired"):
        who.refresh(current, token(exp=NOW - 60))


def test_the_example_in_the_documentation_works() -> None:
    """What a login service copies from there is a token that the hub takes."""
    page = (Path(__file__).parents[3] / "docs" / "topics" / "authentication.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    scope: dict[str, Any] = {}
    exec(example, scope)  # noqa: S102 - our own page
    main = AuthOptions(keys=(KeyOptions(id="main", secret=SecretStr(SECRET)),))
    clock = SystemClock()
    principal = Authenticator(main, Revocations(main, clock), clock).authenticate(scope["token_for"]("alice", SECRET))
    assert principal.user == "alice"
    assert principal.grants(Operation.PUBLISH, "deploys")
    assert principal.owns("room:ops")


def test_the_operator_may_do_everything() -> None:
    """It is whoever reaches an open hub by HTTP."""
    assert OPERATOR.admin
    assert all(OPERATOR.grants(operation, "room:any") for operation in Operation)


SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=32, max_size=48)


CHANGES = st.dictionaries(
    st.sampled_from(["sub", "aud", "exp", "iat", "jti", "rooms"]),
    st.none() | st.text() | st.integers() | st.lists(st.text()),
)


@given(secret=SECRETS, changes=CHANGES)
def test_no_message_and_no_repr_holds_the_secret(secret: str, changes: dict[str, Any]) -> None:
    """Whatever is wrong with the token, and wherever an object is printed."""
    assume(secret not in str(changes))
    options = AuthOptions(keys=(KeyOptions(id="k1", secret=SecretStr(secret)),))
    who = authenticator(options)
    clean = token(OTHER, **changes)
    for text in (clean, token(secret, **changes)):
        try:
            shown = repr(who.authenticate(text))
        except ReplyError as error:
            shown = f"{error!r} {error} {error.as_dict()} {error.__cause__!r}"
        assert secret not in shown
        assert text not in shown
    assert all(secret not in shown for shown in (repr(who), str(who), repr(options), str(options), repr(vars(who))))


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_token_is_refused_and_nothing_worse(text: str) -> None:
    """Tokens come from strangers."""
    refusal(text)


def headers(*pairs: tuple[str, str]) -> CIMultiDict[str]:
    """Make request headers."""
    return CIMultiDict(pairs)


PROTOCOL = "Sec-WebSocket-Protocol"


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (headers(), None),
        (headers((PROTOCOL, "tocsin")), None),
        (headers((PROTOCOL, "graphql-ws, bearerless")), None),
        (headers(("Authorization", "Bearer a.b.c")), ("a.b.c", "Authorization")),
        (headers(("authorization", "bearer   a.b.c ")), ("a.b.c", "Authorization")),
        (headers((PROTOCOL, "tocsin, bearer.a.b.c")), ("a.b.c", PROTOCOL)),
        (headers((PROTOCOL, "bearer.a.b.c,tocsin")), ("a.b.c", PROTOCOL)),
        (headers((PROTOCOL, "tocsin"), (PROTOCOL, "bearer.a.b.c")), ("a.b.c", PROTOCOL)),
        (headers(("Authorization", "Bearer a.b.c"), (PROTOCOL, "tocsin, bearer.a.b.c")), ("a.b.c", "Authorization")),
        (headers(("Authorization", "Bearer a.b.c"), ("Authorization", "Bearer a.b.c")), ("a.b.c", "Authorization")),
    ],
)
def test_where_a_token_is_found(sent: CIMultiDict[str], found: tuple[str, str] | None) -> None:
    """In a header, or among the subprotocols, which is what a browser can send."""
    assert token_from(sent) == found


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (headers(("Authorization", "s3cret.b.c")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "Bearer")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "Bearer ")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "Bearer s3cret b")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "Bearer s3cret,b")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "Bearer \u212as3cret")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "Basic YWxpY2U6czNjcmV0")), "expected `Authorization: Bearer TOKEN`"),
        (headers(("Authorization", "Bearer a.b.c"), ("Authorization", "Bearer s3cret")), "several that differ"),
        (headers(("Authorization", "Bearer a.b.c"), (PROTOCOL, "tocsin, bearer.s3cret")), "several that differ"),
        (headers((PROTOCOL, "tocsin, bearer.a, bearer.s3cret")), "several that differ"),
        (headers((PROTOCOL, "bearer.s3cret")), "expected `Sec-WebSocket-Protocol: tocsin, bearer.TOKEN`"),
        (headers((PROTOCOL, "tocsin, bearer.")), "expected `Sec-WebSocket-Protocol: tocsin, bearer.TOKEN`"),
        (headers((PROTOCOL, "tocsin, bearer.s3c ret")), "expected `Sec-WebSocket-Protocol: tocsin, bearer.TOKEN`"),
    ],
)
def test_malformed_headers_are_refused(sent: CIMultiDict[str], reason: str) -> None:
    """Rather than overlooked; and what they hold is not repeated."""
    with pytest.raises(ReplyError) as caught:
        token_from(sent)
    assert caught.value.code is ErrorCode.INVALID_TOKEN
    assert reason in caught.value.message
    assert "s3cret" not in repr(caught.value)


def test_a_found_token_doesnt_print_itself() -> None:
    """It would end up in a log."""
    assert "a.b.c" not in f"{FoundToken('a.b.c', 'Authorization')}"


def test_the_challenge_says_whether_there_was_a_token() -> None:
    """RFC 6750, section 3."""
    assert challenge(ReplyError(ErrorCode.UNAUTHENTICATED, "")) == 'Bearer realm="tocsin"'
    assert challenge(ReplyError(ErrorCode.INVALID_TOKEN, "")) == 'Bearer realm="tocsin", error="invalid_token"'


def test_accounts_on_an_open_hub() -> None:
    """A key of its own signs their tokens, and the hub is as open as before; but nobody without a token is one of them,
    or reads what is theirs, whatever they call themselves."""
    options, clock, account = AuthOptions(), ManualClock(NOW), "8c5f1c52-92b8-4d0c-a3c3-3f7a51ba5a01"
    who = Authenticator(options, Revocations(options, clock), clock, K1)
    assert who.is_open
    text = who.issue(account, 60, "t1")
    assert who.authenticate(text) == Principal(account, "t1", NOW, NOW + 60)
    assert who.authenticate(token()).user == "alice"
    assert "not made with the hub's key" in refusal(token(OTHER), who)
    for name in (account, account.upper()):
        assert who.principal_without_token(name) == Principal(None, admin=True)
    assert who.principal_without_token("alice") == Principal("alice", admin=True)
    operator = who.operator()
    assert operator.admin
    reading = set(Operation) - {Operation.PUBLISH}
    for private in (f"user:{account}", f"session:{account}"):
        assert not any(operator.grants(operation, private) for operation in reading)
        assert operator.grants(Operation.PUBLISH, private)
    for other in ("user:alice", "session:s1", "room:ops", f"room:{account}", "system_alerts"):
        assert all(operator.grants(operation, other) for operation in Operation)
    assert authenticator(AuthOptions()).operator() is OPERATOR


def test_a_token_of_an_account_is_exact() -> None:
    """It ends with its user's other tokens, and one that is issued a moment later doesn't."""
    options, clock = OPTIONS, ManualClock(NOW + 0.5)
    who = Authenticator(options, Revocations(options, clock), clock)
    assert who.authenticate(who.issue("alice", 60)).issued == NOW + 0.5
    assert who.authenticate(who.issue("alice", OPTIONS.max_lifetime)).expires == NOW + OPTIONS.max_lifetime
    with pytest.raises(ValueError, match="max_lifetime"):
        who.issue("alice", OPTIONS.max_lifetime + 1)
