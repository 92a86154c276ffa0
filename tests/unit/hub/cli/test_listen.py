"""The loop of `tail`, against a scripted hub."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from channels.model import Position
from hub.cli import listen
from hub.cli.backoff import Backoff
from hub.cli.endpoint import endpoint_of
from hub.cli.exits import Exit, Failure
from hub.cli.follow import Follower
from hub.cli.listen import Listener, Parts, Target
from hub.cli.tally import Tally
from hub.cli.terminal import Terminal
from hub.cli.view import View
from tests.unit.hub.cli.scripted_hub import ScriptedHub

CHANNEL = "error_firewall"


class Run:
    """A listener at work, and what it printed. Its waits between attempts are none."""

    def __init__(self, hub: ScriptedHub, *channels: str, expect: int = 0, **since: Position) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.token_is_broken = False
        self.tokens: list[str | None] = [None]
        names = channels or (CHANNEL,)
        self.tally = Tally(expect)
        view = View(Terminal(self.out, self.err), names, True)
        parts = Parts(Follower(names, since), self.tally, view, Backoff(lambda: 0.0))
        self.listener = Listener(Target(endpoint_of(hub.url), "me", self._token), parts)

    def _token(self) -> str | None:
        if self.token_is_broken:
            raise Failure(Exit.USAGE, "--token-file: is empty")
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]

    @property
    def data(self) -> list[Any]:
        """What the publications carried, in the order in which they were printed."""
        return [json.loads(line)["data"] for line in self.out.getvalue().splitlines()]

    async def saw(self, text: str, times: int = 1) -> None:
        """Wait until the remarks have `text`."""
        await until(lambda: self.err.getvalue().count(text) >= times)

    async def got(self, count: int) -> None:
        """Wait for publications."""
        await until(lambda: len(self.data) >= count)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """Run in the background until the block ends."""
        task = asyncio.create_task(self.listener.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for happens on a socket
            await asyncio.sleep(0.001)


async def failure_of(run: Run) -> Failure:
    with pytest.raises(Failure) as caught:
        await asyncio.wait_for(run.listener.run(), 10)
    return caught.value


async def test_publications_are_printed_in_order(scripted: ScriptedHub) -> None:
    """From the moment of the subscription on."""
    run = Run(scripted)
    await scripted.publish(CHANNEL, "before")
    async with run.running():
        await run.saw("subscribed at e1:1")
        for number in range(5):
            await scripted.publish(CHANNEL, number)
        await run.got(5)
    assert run.data == [0, 1, 2, 3, 4]


async def test_an_expectation_ends_it(scripted: ScriptedHub) -> None:
    """With a close of its own."""
    run = Run(scripted, expect=2, **{CHANNEL: Position("", 0)})
    await scripted.publish(CHANNEL, 1)
    await scripted.publish(CHANNEL, 2)
    await asyncio.wait_for(run.listener.run(), 10)
    assert run.tally.is_met
    assert scripted.members == {}


@pytest.mark.parametrize("code", [1001, 1011, 1012, 4000, 4001, 4002, 4003, 4499])
async def test_a_close_that_asks_for_it_is_followed_by_a_recovery(scripted: ScriptedHub, code: int) -> None:
    """What was published meanwhile comes, once and in order."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        await scripted.publish(CHANNEL, 1)
        await run.got(1)
        await scripted.drop(code, "why")
        await scripted.publish(CHANNEL, 2)
        await run.saw("recovered after e1:1")
        await scripted.publish(CHANNEL, 3)
        await run.got(3)
    assert run.data == [1, 2, 3]
    assert f"closed by the hub: why ({code}); connecting again in 0.0 s" in run.err.getvalue()
    assert (run.tally.reconnects, run.tally.faults) == (1, [])


async def test_a_connection_that_is_cut_is_taken_up_again(scripted: ScriptedHub) -> None:
    """A cable needs no close code."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        scripted.cut()
        await run.saw("subscribed", times=2)
    assert "connection lost" in run.err.getvalue()


async def test_a_lost_history_is_told(scripted: ScriptedHub) -> None:
    """A gap, on standard error, and what there is."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        await scripted.publish(CHANNEL, 1)
        await run.got(1)
        scripted.epoch, scripted.tops, scripted.history = "e2", {}, {}
        await scripted.drop(1001)
        await run.saw("gap: publications may be missing between e1:1 and e2:0")
        await scripted.publish(CHANNEL, 2)
        await run.got(2)
    assert len(run.tally.faults) == 1


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [(4500, Exit.REFUSED), (4501, Exit.REFUSED), (4504, Exit.REFUSED), (1000, Exit.FAILURE), (1009, Exit.FAILURE)],
)
async def test_a_close_for_good_ends_it(scripted: ScriptedHub, code: int, exit_code: Exit) -> None:
    """The same connection would be refused again."""
    run = Run(scripted)
    async with run.running() as task:
        await run.saw("subscribed")
        await scripted.drop(code, "why")
        await asyncio.wait({task}, timeout=10)
        error = task.exception()
    assert isinstance(error, Failure)
    assert (error.code, error.lines) == (exit_code, (f"closed by the hub: why ({code})",))
    assert len(scripted.requests) == 1


async def test_the_hubs_delay_is_kept(scripted: ScriptedHub) -> None:
    """The notice counts, and only for the next attempt."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        await scripted.send({"type": "reconnect", "delay_ms": 50, "reason": "restart"})
        await scripted.drop(1001, "reconnect in 7000 ms")
        await run.saw("connecting again in 0.1 s")
        await run.saw("subscribed", times=2)
        await scripted.drop(4003)
        await run.saw("connecting again in 0.0 s")


async def test_without_a_notice_the_reason_names_the_delay(scripted: ScriptedHub) -> None:
    """As the protocol says of 1001."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        await scripted.drop(1001, "the hub is stopping; reconnect in 60 ms")
        await run.saw("connecting again in 0.1 s")
        await run.saw("subscribed", times=2)


async def test_a_websocket_that_is_no_hub_is_told(scripted: ScriptedHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that accepts and then says nothing."""
    monkeypatch.setattr(listen, "WELCOME_TIMEOUT", 0.01)
    scripted.silent = True
    failure = await failure_of(Run(scripted))
    assert (failure.code, "no welcome" in failure.lines[0]) == (Exit.UNREACHABLE, True)


async def test_a_hub_that_is_silent_later_is_tried_again(
    scripted: ScriptedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has been a hub before."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        monkeypatch.setattr(listen, "WELCOME_TIMEOUT", 0.1)
        scripted.silent = True
        await scripted.drop(1011)
        await run.saw("no welcome; connecting again", times=2)
        scripted.silent = False
        await run.saw("subscribed", times=2)


async def test_a_first_connection_that_fails_ends_it(scripted: ScriptedHub) -> None:
    """A mistyped URL isn't tried for ever."""
    scripted.answer = (503, b"")
    assert (await failure_of(Run(scripted))).code is Exit.UNREACHABLE


async def test_a_later_connection_that_fails_is_tried_again(scripted: ScriptedHub) -> None:
    """A hub that restarts answers with all kinds of errors for a while."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        scripted.answer = (502, b"")
        await scripted.drop(1001)
        await run.saw("HTTP 502 Bad Gateway; connecting again", times=3)
        scripted.answer = None
        await run.saw("subscribed", times=2)
    assert run.tally.reconnects == 1


async def test_a_later_refusal_ends_it(scripted: ScriptedHub) -> None:
    """A token that is refused now is refused again."""
    run = Run(scripted)
    async with run.running() as task:
        await run.saw("subscribed")
        scripted.answer = (401, b"")
        await scripted.drop(1001)
        await asyncio.wait({task}, timeout=10)
        error = task.exception()
    assert isinstance(error, Failure)
    assert error.code is Exit.REFUSED


async def test_an_unknown_channel_ends_it_with_the_names_there_are(scripted: ScriptedHub) -> None:
    """Following half of what was asked for would look like silence."""
    error = {"code": "unknown_channel", "message": "Invalid channel: X", "temporary": False}
    scripted.refusals["X"] = [{**error, "available_channels": ["a", "b"]}]
    failure = await failure_of(Run(scripted, "X"))
    assert failure.code is Exit.REFUSED
    assert failure.lines == ("Invalid channel: X (unknown_channel)", "available channels: a, b")


async def test_a_passing_refusal_is_waited_out(scripted: ScriptedHub) -> None:
    """And told."""
    scripted.refusals[CHANNEL] = [
        {"code": "unavailable", "message": "later", "temporary": True, "retry_after": 0.01} for _ in range(3)
    ]
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
    assert run.err.getvalue().count("later (unavailable); trying again in 0.0 s") == 3


async def test_a_hub_that_wants_a_token_is_a_refusal(scripted: ScriptedHub) -> None:
    """With a word on where to get one."""
    scripted.greeting = {"status": "unauthenticated"}
    failure = await failure_of(Run(scripted))
    assert failure.code is Exit.REFUSED
    assert "tocsin token" in failure.lines[1]


async def test_a_renewed_token_is_sent_before_the_old_one_ends(scripted: ScriptedHub) -> None:
    """The file is read again when the hub warns; one that is the same is not sent again."""
    run = Run(scripted)
    run.tokens = ["old", "old", "new", "new"]
    async with run.running():
        await run.saw("subscribed")
        for count in (1, 2, 3):
            await scripted.send({"type": "token_expiring", "seconds": 60})
            await run.saw("the token ends in 60 s", times=count)
        await until(lambda: len(scripted.commands) >= 2)
    assert [command for command in scripted.commands if command["action"] != "subscribe"] == [
        {"action": "refresh", "token": "new"}
    ]


async def test_the_last_subscription_that_ends_ends_it(scripted: ScriptedHub) -> None:
    """There is nothing left to follow."""
    run = Run(scripted, CHANNEL, "system_alerts")
    async with run.running() as task:
        await run.saw("subscribed", times=2)
        for channel in (CHANNEL, "system_alerts"):
            assert not task.done()
            await scripted.send({"type": "unsubscribed", "channel": channel, "code": "gone", "message": "you left"})
            await run.saw(f"{channel}: the hub ended the subscription: you left (gone)")
        await asyncio.wait({task}, timeout=10)
        error = task.exception()
    assert isinstance(error, Failure)
    assert error.code is Exit.REFUSED


@pytest.mark.parametrize("text", ["no json", "[1]", "1", pytest.param("[" * 5000, id="deep")])
async def test_what_is_no_object_is_a_broken_hub(scripted: ScriptedHub, text: str) -> None:
    """Not a traceback."""
    run = Run(scripted)
    async with run.running() as task:
        await run.saw("subscribed")
        await scripted.send(text)
        await asyncio.wait({task}, timeout=10)
        error = task.exception()
    assert isinstance(error, Failure)
    assert (error.code, "broke the protocol" in error.lines[0]) == (Exit.FAILURE, True)


@pytest.mark.parametrize("opcode", [0x1, 0x2])
async def test_frames_that_are_no_text_are_a_broken_hub(scripted: ScriptedHub, opcode: int) -> None:
    """A text that is not UTF-8, and a binary frame: there is no sense in coming back for more of them."""
    run = Run(scripted)
    async with run.running() as task:
        await run.saw("subscribed")
        for connection in scripted.members:
            connection.transport.write(bytes([0x80 | opcode, 1, 0xFF]))
        await asyncio.wait({task}, timeout=10)
        error = task.exception()
    assert isinstance(error, Failure)
    assert (error.code, len(scripted.requests)) == (Exit.FAILURE, 1)


async def test_a_token_file_that_is_just_being_written_is_read_later(scripted: ScriptedHub) -> None:
    """The connection lives on with the token that it has."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        run.token_is_broken = True
        await scripted.send({"type": "token_expiring", "seconds": 60})
        await run.saw("the token ends in 60 s")
        await scripted.publish(CHANNEL, 1)
        await run.got(1)
    assert [command["action"] for command in scripted.commands] == ["subscribe"]


async def test_a_client_that_is_told_to_stop_says_goodbye(scripted: ScriptedHub) -> None:
    """The hub sees a close with 1000, as after a normal end."""
    run = Run(scripted)
    async with run.running():
        await run.saw("subscribed")
        (connection,) = scripted.members
    await until(lambda: not scripted.members)
    assert connection.close_code == 1000
