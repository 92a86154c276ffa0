"""Tickets and cookies: what they are made of, what they are good for, and for how long."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import jwt
import pytest
from pydantic import SecretStr

from channels.errors import ErrorCode, ReplyError
from channels.local import LocalClaims
from channels.policy import Principal
from hub.auth import Authenticator
from hub.options import AuthOptions, KeyOptions
from hub.revocations import Revocations
from hub.tickets import LONGEST, StreamCookie, Tickets
from tests.kit import ManualClock

SECRET = "a-secret-for-tests-of-at-least-32-bytes"
KEY = KeyOptions(id="k1", secret=SecretStr(SECRET))
OTHER = KeyOptions(id="k2", secret=SecretStr(SECRET[::-1]))


class Desk:
    """Where tickets are made and taken."""

    def __init__(self, **options: object) -> None:
        self.clock = ManualClock()
        self.options = AuthOptions.model_validate({"keys": (KEY,), "leeway": 5.0} | options)
        self.revocations = Revocations(self.options, self.clock)
        self.claims = LocalClaims(self.clock)
        self.authenticator = Authenticator(self.options, self.revocations, self.clock)
        self.numbers = count(1)
        self.tickets = self.another()

    def another(self) -> Tickets:
        """Another process's."""
        return Tickets(
            lambda: self.options, self.revocations, self.clock, self.claims, 30.0, lambda: f"t{next(self.numbers)}"
        )

    def alice(self, lifetime: float = 1000.0, **fields: object) -> Principal:
        now = self.clock.now()
        return replace(Principal("alice", "jti-1", now, now + lifetime), **fields)  # type: ignore[arg-type]

    async def refusal(self, ticket: str, **cookies: str) -> str:
        with pytest.raises(ReplyError) as caught:
            await self.tickets.redeem(ticket, cookies)
        assert caught.value.code is ErrorCode.INVALID_TOKEN
        assert ticket not in caught.value.message
        return caught.value.message


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_ticket_carries_its_token(desk: Desk) -> None:
    """User, id, times, and what it grants to read; neither what it grants to write nor that it is an operator's."""
    alice = desk.alice(
        capabilities={"subscribe": ("job:*",), "history": ("x",), "publish": ("*",), "presence": ("*",)},
        admin=True,
        rooms=frozenset({"ops"}),
    )
    ticket, seconds = desk.tickets.ticket(alice)
    found, cookie = await desk.tickets.redeem(ticket, {})
    assert seconds == 30
    assert found.channels is None
    assert found.principal == replace(alice, capabilities={"subscribe": ("job:*",), "history": ("x",)}, admin=False)
    assert cookie is not None


async def test_it_works_once(desk: Desk) -> None:
    """In all processes together."""
    ticket, _ = desk.tickets.ticket(desk.alice())
    await desk.another().redeem(ticket, {})
    assert "used before" in await desk.refusal(ticket)


async def test_it_works_for_seconds(desk: Desk) -> None:
    """And as long as clocks may differ. It never outlives its claim."""
    ticket, _ = desk.tickets.ticket(desk.alice())
    desk.clock.advance(34.9)
    await desk.tickets.redeem(ticket, {})
    for _ in range(20):
        await desk.refusal(ticket)
        desk.clock.advance(1)
    assert "the ticket ended" in await desk.refusal(ticket)
    short, seconds = desk.tickets.ticket(desk.alice(), lifetime=2)
    assert seconds == 2
    assert desk.tickets.ticket(desk.alice(), lifetime=2000)[1] == 30
    desk.clock.advance(7.1)
    assert "the ticket ended" in await desk.refusal(short)


async def test_it_ends_with_its_token(desk: Desk) -> None:
    """Cookie or not."""
    ticket, _ = desk.tickets.ticket(desk.alice(lifetime=10))
    _, cookie = await desk.tickets.redeem(ticket, {})
    assert cookie is not None
    assert cookie.seconds == 10
    desk.clock.advance(16)
    assert "expired" in await desk.refusal(ticket, **{cookie.name: cookie.value})


@pytest.mark.parametrize("by", ["token", "user"])
async def test_it_is_revoked_with_its_token(desk: Desk, by: str) -> None:
    """And so are cookies."""
    ticket, _ = desk.tickets.ticket(desk.alice())
    session, _ = desk.tickets.session(desk.alice())
    unused, _ = desk.tickets.ticket(desk.alice())
    _, cookie = await desk.tickets.redeem(ticket, {})
    assert cookie is not None
    if by == "token":
        await desk.revocations.revoke_token("jti-1")
    else:
        await desk.revocations.revoke_user("alice")
    assert "revoked" in await desk.refusal(unused)
    assert "revoked" in await desk.refusal(ticket, **{cookie.name: cookie.value})
    with pytest.raises(ReplyError):
        desk.tickets.read_session(session)
    with pytest.raises(ReplyError):
        desk.tickets.check(desk.alice())


async def test_the_cookie_opens_the_stream_again(desk: Desk) -> None:
    """Together with its ticket, as often as it takes, and long after the ticket's time."""
    ticket, _ = desk.tickets.ticket(desk.alice(), ["a", "b"])
    found, cookie = await desk.tickets.redeem(ticket, {})
    assert cookie is not None
    for _ in range(5):
        assert await desk.tickets.redeem(ticket, {cookie.name: cookie.value}) == (found, None)
        desk.clock.advance(100)
    await desk.refusal(ticket)


async def test_a_ticket_is_used_up_beside_a_cookie(desk: Desk) -> None:
    """A second ticket of the same token needs no new cookie; nobody else can use it later."""
    first, second = (desk.tickets.ticket(desk.alice())[0] for _ in range(2))
    _, cookie = await desk.tickets.redeem(first, {})
    assert cookie is not None
    _, none = await desk.tickets.redeem(second, {cookie.name: cookie.value})
    assert none is None
    assert "used before" in await desk.refusal(second)


async def test_the_cookie_belongs_to_its_ticket(desk: Desk) -> None:
    """Another user's, another token's, or one for other channels doesn't help, under whichever name it is sent."""
    alice = desk.alice()
    makers = [
        (alice, ["a"]),
        (alice, ["b"]),
        (alice, None),
        (replace(alice, token_id="jti-2"), ["a"]),
        (replace(alice, user="bob"), ["a"]),
    ]
    made: list[tuple[str, StreamCookie]] = []
    for principal, channels in makers:
        ticket, _ = desk.tickets.ticket(principal, channels)
        _, cookie = await desk.tickets.redeem(ticket, {})
        assert cookie is not None
        made.append((ticket, cookie))
    assert len({cookie.name for _, cookie in made}) == len(made)
    for ticket, own in made:
        for _, cookie in made:
            if cookie is not own:
                await desk.refusal(ticket, **{own.name: cookie.value})
    await desk.refusal(made[0][0], **{made[0][1].name: desk.tickets.session(alice)[0]})
    await desk.refusal(made[0][0], **{made[0][1].name: "nonsense"})


async def test_no_kind_passes_for_another(desk: Desk) -> None:
    """Tokens, tickets, sessions and stream cookies."""
    ticket, _ = desk.tickets.ticket(desk.alice())
    session, _ = desk.tickets.session(desk.alice())
    _, cookie = await desk.tickets.redeem(ticket, {})
    assert cookie is not None
    for text in (ticket, session, cookie.value):
        with pytest.raises(ReplyError):
            desk.authenticator.authenticate(text)
    for text in (ticket, cookie.value):
        with pytest.raises(ReplyError):
            desk.tickets.read_session(text)
    for text in (session, cookie.value, "", "x.y.z"):
        await desk.refusal(text or "-")


async def test_a_session_may_do_what_its_token_may(desk: Desk) -> None:
    """On a WebSocket, where it publishes, too; but it is no operator's."""
    alice = desk.alice(capabilities={"publish": ("*",)}, admin=True)
    value, seconds = desk.tickets.session(alice)
    assert seconds == 1000
    assert desk.tickets.read_session(value) == replace(alice, admin=False)


@pytest.mark.parametrize("who", [Principal(), Principal("alice")])
def test_without_a_token_there_is_nothing_to_make_one_of(desk: Desk, who: Principal) -> None:
    """401."""
    for make in (desk.tickets.ticket, desk.tickets.session):
        with pytest.raises(ReplyError) as caught:
            make(who)
        assert caught.value.code is ErrorCode.UNAUTHENTICATED


async def test_what_no_browser_would_keep_is_refused() -> None:
    """A URL and a cookie have bounds. A stream whose cookie would be too long opens all the same."""
    desk = Desk()
    wide = desk.alice(capabilities={"subscribe": tuple(f"{'x' * 100}{number}" for number in range(40))})
    with pytest.raises(ReplyError) as caught:
        desk.tickets.ticket(wide)
    assert (caught.value.code, caught.value.details["limit"]) == (ErrorCode.DATA_TOO_LARGE, LONGEST)


class Unreachable(LocalClaims):
    """Claims that can't be asked."""

    async def claim(self, name: str, seconds: float) -> bool:
        raise ReplyError(ErrorCode.UNAVAILABLE, "away")


async def test_while_claims_can_t_be_asked(desk: Desk) -> None:
    """A new ticket has to wait, with a temporary error; who has the cookie comes in."""
    ticket, _ = desk.tickets.ticket(desk.alice())
    _, cookie = await desk.tickets.redeem(ticket, {})
    assert cookie is not None
    desk.claims = Unreachable(desk.clock)
    desk.tickets = desk.another()
    await desk.tickets.redeem(ticket, {cookie.name: cookie.value})
    fresh, _ = desk.tickets.ticket(replace(desk.alice(), token_id="jti-9"))
    with pytest.raises(ReplyError) as caught:
        await desk.tickets.redeem(fresh, {})
    assert caught.value.code is ErrorCode.UNAVAILABLE


async def test_keys_may_change(desk: Desk) -> None:
    """The first one signs; what the old one signed is good as long as it is there."""
    old, _ = desk.tickets.ticket(desk.alice())
    older, _ = desk.tickets.ticket(desk.alice())
    desk.options = desk.options.model_copy(update={"keys": (OTHER, KEY)})
    new, _ = desk.tickets.ticket(desk.alice())
    assert jwt.get_unverified_header(new)["kid"] == "k2"
    await desk.tickets.redeem(new, {})
    await desk.tickets.redeem(old, {})
    desk.options = desk.options.model_copy(update={"keys": (OTHER,)})
    await desk.refusal(older)


async def test_an_issuer_is_said_and_asked_for() -> None:
    """As in tokens."""
    desk = Desk(issuer="login.example.com")
    ticket, _ = desk.tickets.ticket(desk.alice())
    assert jwt.decode(ticket, options={"verify_signature": False})["iss"] == "login.example.com"
    await desk.tickets.redeem(ticket, {})


def test_secrets_are_in_no_repr(desk: Desk) -> None:
    """Whatever is logged."""
    assert "abc" not in repr(StreamCookie("name", "abc", 1.0))


def forged(claims: dict[str, object]) -> str:
    return jwt.encode(claims, SECRET, "HS256", headers={"kid": "k1"})


@pytest.mark.parametrize(
    "wrong", [{"until": "x"}, {"until": None}, {"channels": "a"}, {"channels": [1]}, {"tid": 5}, {"tid": "x" * 1000}]
)
async def test_claims_of_a_wrong_type(desk: Desk, wrong: dict[str, object]) -> None:
    """Even under a good signature."""
    now = desk.clock.now()
    claims = {"sub": "alice", "aud": "tocsin/ticket", "iat": now, "exp": now + 100, "until": now + 30, "tid": "t"}
    await desk.refusal(forged(claims | wrong))
