"""What a supervisor and a worker say to each other."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.configuration.policy_options import policy_of
from hub.workers.link import Link, packed, unpacked
from tests.live import settings_for, with_keys


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Link, Link]]:
    one, two = socket.socketpair()
    first, second = await Link.over(one), await Link.over(two)
    try:
        yield first, second
    finally:
        await first.close()
        await second.close()


async def test_messages_arrive_in_order() -> None:
    """In both directions, whatever their size."""
    async with linked() as (first, second):
        first.send("reload", number=1, settings={"text": "line\nbreak" * 200_000})
        first.send("drain", seconds=1.5)
        second.send("ready", url="http://127.0.0.1:1")
        long = await second.receive()
        assert long is not None
        assert (long["kind"], long["number"], len(long["settings"]["text"])) == ("reload", 1, 2_000_000)
        assert await second.receive() == {"kind": "drain", "seconds": 1.5}
        assert await first.receive() == {"kind": "ready", "url": "http://127.0.0.1:1"}


async def test_the_end_of_the_other_process_is_noticed() -> None:
    """Also in the middle of a message, which is then none; and sending to it is no error."""
    ours, theirs = socket.socketpair()
    link = await Link.over(ours)
    theirs.sendall(b'{"kind": "ready"}\n{"kind": "rea')
    assert await link.receive() == {"kind": "ready"}
    theirs.close()
    assert await link.receive() is None
    for _ in range(3):
        link.send("drain", seconds=1)
        assert await link.receive() is None
    await link.close()
    link.send("drain", seconds=1)


def test_settings_arrive_as_they_were() -> None:
    """Secrets too, and what is stated and what is inherited stays apart."""
    settings = with_keys(
        channels__defaults={"history_size": 7},
        channels__room={"history_size": 100},
        channels__named={"deploys": {"schema": {"type": "object"}, "members": ["alice"]}},
        redis__password="the-password-of-redis",
    )
    arrived = unpacked(packed(settings))
    assert arrived == settings
    assert arrived.auth.keys[0].secret.get_secret_value() == settings.auth.keys[0].secret.get_secret_value()
    assert arrived.redis.password.get_secret_value() == "the-password-of-redis"
    assert policy_of(arrived.channels).options("room:ops").history_size == 100
    assert policy_of(arrived.channels).options("job:1").history_size == 7
    assert policy_of(arrived.channels).options("deploys") == policy_of(settings.channels).options("deploys")
    assert unpacked(packed(settings_for())) == settings_for()
