"""One connection that listens: answers in their order, changes of mind, slots that leave."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import partial

import pytest

from channels.redis.cluster import slot_of
from channels.redis.config import Address, Redis
from channels.redis.connection import Connection, Lost
from channels.redis.link import BATCH, Heard, Link
from channels.redis.locator import Locator, OneServer
from tests.redis_process import soon
from tests.unit.channels.redis.scripted_redis import array, error, message, number, text

HERE = Address("h", 1)
PONG = array(text(b"pong"), text(b""))


class ManualConnection(Connection):
    """A connection whose other side is the test."""

    def __init__(self) -> None:
        super().__init__(HERE)
        self.sent: list[bytes] = []
        self.lost = False

    def write(self, data: bytes) -> None:
        if self.lost:
            raise Lost("gone")
        self.sent.append(data)

    def words(self) -> list[bytes]:
        """Names of the commands that were sent."""
        return [data.split(b"\r\n")[2] for data in self.sent]


class Slots(OneServer):
    """A locator of a cluster with one node, which notes what it is told."""

    sharded = True

    def __init__(self) -> None:
        super().__init__(HERE)
        self.told: list[tuple[int, Address] | str] = []

    def slot(self, key: bytes) -> int:
        return slot_of(key)

    def doubt(self) -> None:
        self.told.append("doubt")

    def moved(self, slot: int, address: Address) -> None:
        self.told.append((slot, address))


class Stage:
    """A link, its connection, and what it said."""

    def __init__(self, locator: Locator | None = None, timeout: float = 1.0, names: tuple[bytes, ...] = ()) -> None:
        self.connection = ManualConnection()
        self.said: list[tuple[str, bytes]] = []
        heard = Heard(
            lambda: self.said.append(("opened", b"")),
            lambda channel, body: self.said.append(("message", channel + b"=" + body)),
            lambda names: self._say("ready", names),
            lambda names: self._say("misplaced", names),
        )
        redis = Redis((HERE,), timeout=timeout)
        self.link = Link(redis, locator or OneServer(HERE), self.connection, heard)
        self.task = asyncio.create_task(self.link.run(names))

    def _say(self, word: str, names: Collection[bytes]) -> None:
        self.said += [(word, name) for name in names]

    async def receive(self, *replies: bytes) -> None:
        """Let the server say something."""
        self.connection.data_received(b"".join(replies))
        for _ in range(5):
            await asyncio.sleep(0)

    async def settle(self) -> None:
        """Let what was asked be sent."""
        await self.receive()

    async def end(self) -> None:
        """End the link."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def opened(locator: Locator | None = None, timeout: float = 1.0) -> Stage:
    """Return a link whose server has answered the first ping."""
    stage = Stage(locator, timeout)
    await stage.settle()
    await stage.receive(PONG)
    assert stage.said == [("opened", b"")]
    stage.said.clear()
    stage.connection.sent.clear()
    return stage


def ack(word: bytes, *names: bytes) -> bytes:
    """Answer a command, channel by channel."""
    return b"".join(array(text(word), text(name), number(1)) for name in names)


async def test_what_is_wanted_at_the_start() -> None:
    """Is asked for before the ping whose answer says that the link is open."""
    stage = Stage(names=(b"a",))
    await stage.settle()
    assert stage.connection.words() == [b"SUBSCRIBE", b"PING"]
    await stage.receive(ack(b"subscribe", b"a"), PONG)
    assert stage.said == [("ready", b"a"), ("opened", b"")]
    stage.link.drop((b"a",))
    await stage.receive(ack(b"unsubscribe", b"a"))
    assert stage.said[2:] == []
    await stage.end()


async def test_channels_that_come_together_share_a_command() -> None:
    """Up to a bound."""
    stage = await opened()
    names = [b"%d" % n for n in range(BATCH + 1)]
    for name in names:
        stage.link.want((name,))
    await stage.settle()
    assert stage.connection.words() == [b"SUBSCRIBE", b"SUBSCRIBE"]
    await stage.receive(ack(b"subscribe", *names))
    assert stage.said == [("ready", name) for name in names]
    await stage.end()


async def test_messages_come_after_ready_and_until_drop() -> None:
    """Also when all comes in one piece."""
    stage = await opened()
    stage.link.want((b"a", b"b"))
    await stage.settle()
    await stage.receive(ack(b"subscribe", b"a"), message(b"a", b"1"), ack(b"subscribe", b"b"), message(b"a", b"2"))
    assert stage.said == [("ready", b"a"), ("message", b"a=1"), ("ready", b"b"), ("message", b"a=2")]
    stage.link.drop((b"a",))
    await stage.receive(message(b"a", b"3"), message(b"b", b"4"))
    assert stage.said[4:] == [("message", b"b=4")]
    await stage.end()


async def test_the_newest_subscription_counts() -> None:
    """An answer to an older one says nothing: between both was a hole."""
    stage = await opened()
    for _ in range(3):
        stage.link.want((b"a",))
        await stage.settle()
        stage.link.drop((b"a",))
        await stage.settle()
    stage.link.want((b"a",))
    await stage.settle()
    assert stage.connection.words() == [b"SUBSCRIBE", b"UNSUBSCRIBE"] * 3 + [b"SUBSCRIBE"]
    await stage.receive(*[ack(b"subscribe", b"a"), message(b"a", b"old"), ack(b"unsubscribe", b"a")] * 3)
    assert stage.said == []
    await stage.receive(ack(b"subscribe", b"a"), message(b"a", b"new"))
    assert stage.said == [("ready", b"a"), ("message", b"a=new")]
    await stage.end()


async def test_a_change_of_mind_within_a_moment_sends_nothing() -> None:
    """But is answered: what came in between was not passed on."""
    stage = await opened()
    stage.link.want((b"a",))
    await stage.settle()
    await stage.receive(ack(b"subscribe", b"a"))
    stage.link.drop((b"a",))
    stage.link.want((b"a",))
    await stage.settle()
    assert stage.connection.words() == [b"SUBSCRIBE"]
    assert stage.said == [("ready", b"a"), ("ready", b"a")]
    stage.link.announce()
    assert stage.said[2:] == [("ready", b"a")]
    await stage.end()


async def test_a_change_of_mind_before_the_answer() -> None:
    """Wanted, dropped and wanted again while the first command is under way: one answer is enough."""
    stage = await opened()
    stage.link.want((b"a",))
    await stage.settle()
    stage.link.drop((b"a",))
    stage.link.want((b"a",))
    await stage.settle()
    assert stage.said == []
    await stage.receive(ack(b"subscribe", b"a"))
    assert stage.said == [("ready", b"a")]
    await stage.end()


async def test_silence_is_ended_by_a_ping() -> None:
    """A server that answers it is there, one that doesn't is lost."""
    stage = await opened(timeout=0.05)
    for number_of in range(1, 3):
        await soon(partial(lambda count: len(stage.connection.sent) >= count, number_of))
        await stage.receive(PONG)
    with pytest.raises(Lost, match=r"h:1: no answer within 0\.05 s"):
        await stage.task
    assert stage.connection.words() == [b"PING"] * 3


@pytest.mark.parametrize(
    "reply",
    [ack(b"subscribe", b"never-asked"), PONG, error("ERR x"), error("MOVED 1 h:1")],
)
async def test_answers_that_answer_nothing(reply: bytes) -> None:
    """The connection is of no use any more."""
    stage = await opened()
    stage.connection.data_received(reply)
    with pytest.raises(Lost):
        await stage.task


async def test_a_refused_subscription_ends_the_link() -> None:
    """The reason is the server's."""
    stage = await opened()
    stage.link.want((b"a",))
    await stage.settle()
    stage.connection.data_received(error("NOPERM No permissions to access a channel"))
    with pytest.raises(Lost, match="h:1: NOPERM No permissions to access a channel"):
        await stage.task


async def test_a_slot_leaves() -> None:
    """The server ends the subscription unasked."""
    locator = Slots()
    stage = await opened(locator)
    stage.link.want((b"{s}a", b"{s}b", b"other"))
    await stage.settle()
    assert stage.connection.words() == [b"SSUBSCRIBE"] * 2
    await stage.receive(ack(b"ssubscribe", b"{s}a", b"{s}b", b"other"))
    stage.link.drop((b"{s}b",))
    await stage.settle()
    await stage.receive(ack(b"sunsubscribe", b"{s}b"), ack(b"sunsubscribe", b"{s}a"))
    assert stage.said[3:] == [("misplaced", b"{s}a")]
    assert locator.told == ["doubt"]
    await stage.end()


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("MOVED 7 there:5", [(7, Address("there", 5))]),
        ("CLUSTERDOWN The cluster is down", ["doubt"]),
        ("TRYAGAIN later", []),
    ],
)
async def test_a_slot_that_is_elsewhere(reply: str, told: list[object]) -> None:
    """The command's channels are given back, and answers to the commands after it still count."""
    locator = Slots()
    stage = await opened(locator)
    stage.link.want((b"{s}a", b"{s}b", b"other"))
    await stage.settle()
    await stage.receive(error(reply), ack(b"ssubscribe", b"other"))
    assert sorted(stage.said) == [("misplaced", b"{s}a"), ("misplaced", b"{s}b"), ("ready", b"other")]
    assert locator.told == told
    stage.link.drop((b"other",))
    await stage.settle()
    await stage.receive(error(reply))
    assert len(stage.said) == 3
    assert not stage.task.done()
    await stage.end()


async def test_nothing_is_sent_after_the_end() -> None:
    """What was about to be sent isn't; a dead connection is the reader's to notice."""
    stage = await opened()
    stage.task.cancel()
    stage.link.want((b"a",))
    await stage.end()
    assert stage.connection.sent == []
    stage.connection.lost = True
    stage.link.want((b"b",))
    await asyncio.sleep(0)
