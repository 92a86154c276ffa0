"""Who may talk to Redis, by which way: passwords, users with few rights, TLS, Unix sockets, and prefixes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from agents.ports import QueueFull
from agents.redis.limiter import RedisLimiter
from agents.redis.queue import RedisQueue
from channels.clock import SystemClock
from channels.model import Publication
from channels.policy import ChannelOptions
from channels.redis.backbone import Backbone
from channels.redis.broker import RedisBroker
from channels.redis.config import Address, Redis
from channels.redis.connection import Lost, open_connection
from channels.redis.keys import Keys
from tests.docs.pages import ROOT, page
from tests.integration.certificate import Certificate, make_certificate
from tests.kit import draft
from tests.redis_cluster import ask
from tests.redis_process import QUICK, soon
from tests.redis_reader import redis_reader
from tests.redis_server import RedisServer, binary_of, redis_server

SECRET = "a-password-for-tests"
OPTIONS = ChannelOptions(history_size=10, history_age=60.0)


@asynccontextmanager
async def broker_on(redis: Redis, heard: list[bytes]) -> AsyncIterator[RedisBroker]:
    """Run a broker as long as the block runs; data of what it hears is added to `heard`."""
    backbone = Backbone(redis, Random(1))
    broker = RedisBroker(backbone, QUICK, SystemClock(), "node")

    def hear(publication: Publication) -> int:
        heard.append(publication.data)
        return 1

    broker.listen(hear)
    task = asyncio.create_task(backbone.run(), name="backbone")
    try:
        yield broker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def use(redis: Redis) -> None:
    """Do with a broker what brokers do."""
    heard: list[bytes] = []
    async with broker_on(redis, heard) as broker:
        await broker.follow(("a",))
        published = await broker.publish(draft("a", 1, idempotency_key="k"), OPTIONS)
        assert (await broker.publish(draft("a", 1, idempotency_key="k"), OPTIONS)).position == published.position
        assert len((await broker.history("a", OPTIONS, None, 10)).publications) == 1
        await soon(lambda: heard == [b"1"])
        await broker.forget("a")


async def use_as_agents(redis: Redis) -> None:
    """Do with the agents' queue and limit what they do."""
    backbone = Backbone(redis, Random(1))
    running = asyncio.create_task(backbone.run(), name="backbone")
    try:
        await backbone.wait(2.0)
        queue, limiter = RedisQueue(backbone, 1, 1), RedisLimiter(backbone, 1, 60.0, lambda: 0.0)
        agent, task = uuid4(), uuid4()
        await queue.offer(agent, task)
        with pytest.raises(QueueFull):
            await queue.offer(agent, uuid4())
        assert await queue.take(agent, "n", 60.0) == task
        await queue.offer(agent, other := uuid4())
        assert await queue.renew(agent, [task], "n", 60.0) == {task}
        await queue.finish(agent, task)
        assert await queue.withdraw(agent, other)
        assert (await queue.waiting(agent), await queue.active(agent)) == (0, 0)
        await queue.forget(agent)
        assert [(await limiter.take("user:a")).allowed for _ in range(2)] == [True, False]
        assert limiter.alone == 0
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def rules_of_the_page() -> list[str]:
    """The ACL rules that docs/topics/redis.md gives, for the user `tocsin`."""
    text = next(fence.text for fence in page("docs/topics/redis.md").fences if "ACL SETUSER" in fence.text)
    words = text.replace("\\\n", " ").split()
    assert words[:3] == ["ACL", "SETUSER", "tocsin"]
    return [f">{SECRET}" if word.startswith(">") else word for word in words[3:]]


async def test_the_rules_of_the_page_suffice() -> None:
    """Nothing that the hub does is refused, which Redis would note."""
    async with redis_server() as server:
        await ask(server, "ACL", "SETUSER", "tocsin", *rules_of_the_page())
        redis = Redis((server.address,), database=1, username="tocsin", password=SECRET, timeout=2.0)
        await use(redis)
        await use_as_agents(redis)
        assert await ask(server, "ACL", "LOG") == []


async def test_the_rules_keep_to_the_prefix() -> None:
    """Other keys, channels and commands are somebody else's."""
    async with redis_server() as server:
        await ask(server, "ACL", "SETUSER", "tocsin", *rules_of_the_page())
        redis = Redis((server.address,), username="tocsin", password=SECRET, prefix="other", timeout=1.0)
        with pytest.raises(Exception, match="Redis is away"):
            await use(redis)
        assert await ask(server, "ACL", "LOG"), "nothing was denied"


def test_the_rules_name_what_the_scripts_use() -> None:
    """All of it, and no more."""
    folders = [ROOT / package / "redis" / "scripts" for package in ("channels", "agents")]
    sources = [path.read_text() for folder in folders for path in folder.glob("*.lua")]
    used = {name.lower() for source in sources for name in re.findall(r"redis\.p?call\('([A-Z]+)'", source)}
    spoken = {
        *("evalsha", "script|load", "ping", "client|setname", "select", "role", "cluster|slots", "asking"),
        *("publish", "spublish", "subscribe", "unsubscribe", "ssubscribe", "sunsubscribe"),
    }
    assert {rule[1:] for rule in rules_of_the_page() if rule.startswith("+")} == used | spoken


async def test_a_password_for_everybody() -> None:
    """Servers without users have one."""
    async with redis_server(arguments=("--requirepass", SECRET)) as server:
        redis = Redis((server.address,), password=SECRET, timeout=2.0)
        await use(redis)
        for wrong, reason in (("", "wants a password"), ("wrong-one", "refuses user and password .WRONGPASS")):
            with pytest.raises(Lost, match=reason) as caught:
                await open_connection(replace(redis, password=wrong), server.address)
            assert "wrong-one" not in str(caught.value)


async def test_a_unix_socket(tmp_path: Path) -> None:
    """On one machine it needs no port."""
    path = str(tmp_path / "redis.sock")
    async with redis_server(arguments=("--unixsocket", path)):
        await use(Redis((Address(path, 0),), timeout=2.0))


async def test_two_hubs_with_two_prefixes_dont_meet() -> None:
    """One Redis serves both."""
    async with redis_server() as server:
        one, two = (Redis((server.address,), prefix=prefix, timeout=2.0) for prefix in ("one", "two"))
        heard: list[list[bytes]] = [[], []]
        async with broker_on(one, heard[0]) as first, broker_on(two, heard[1]) as second:
            await first.follow(("a",))
            await second.follow(("a",))
            assert (await first.publish(draft("a", 1), OPTIONS)).position != (
                await second.publish(draft("a", 2), OPTIONS)
            ).position
            await soon(lambda: heard == [[b"1"], [b"2"]])
        assert all(key.startswith((b"one:", b"two:")) for key in await ask(server, "KEYS", "*"))


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


@pytest.fixture
async def tls_server(certificate: Certificate) -> AsyncIterator[RedisServer]:
    files = ("--tls-cert-file", str(certificate.certificate), "--tls-key-file", str(certificate.key))
    trust = ("--tls-ca-cert-file", str(certificate.certificate))
    async with redis_server(
        binary_of("redis"), arguments=("--port", "0", "--tls-port", "{port}", *files, *trust)
    ) as server:
        yield server


def over_tls(server: RedisServer, certificate: Certificate) -> Redis:
    """Make a configuration with a certificate of ours; both sides have the same one here."""
    file, key = str(certificate.certificate), str(certificate.key)
    return Redis((server.address,), tls=True, tls_ca=file, tls_certificate=file, tls_key=key)


async def test_tls(tls_server: RedisServer, certificate: Certificate) -> None:
    """Both sides show a certificate, and each checks the other's."""
    redis = over_tls(tls_server, certificate)
    await use(redis)
    wrong = {
        "isn't accepted": replace(redis, tls_ca=""),
        "127.0.0.1|not valid for": replace(redis, tls_server_name="redis.internal"),
        "TLS|closed|reset": replace(redis, tls_certificate="", tls_key=""),
        "can't be used: No such file": replace(redis, tls_ca="/missing"),
        "closed|reset|answer": replace(redis, tls=False),
    }
    for reason, configuration in wrong.items():
        with pytest.raises(Lost, match=reason):
            await open_connection(configuration, tls_server.address)


async def test_a_reader_over_tls_survives_a_restart(tls_server: RedisServer, certificate: Certificate) -> None:
    """TLS ends and begins like any link."""
    redis = over_tls(tls_server, certificate)
    async with redis_reader(redis) as reader:
        await reader.listen(Keys("tocsin").fanout("a"))
        await tls_server.restart()
        await soon(lambda: reader.links == [True, False, True] and len(reader.ready) == 2)
