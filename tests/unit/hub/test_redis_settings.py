"""From options to what `channels.redis` takes."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from channels.redis.config import Address, Redis
from hub.redis_settings import redis_of
from hub.sections.redis import RedisOptions


def test_every_option_arrives() -> None:
    """At its own place."""
    options = RedisOptions(
        url="rediss://one:1,two/3",
        mode="sentinel",
        master="main",
        username="hub",
        password=SecretStr("p1"),
        sentinel_username="watch",
        sentinel_password=SecretStr("p2"),
        tls_ca="ca.pem",
        tls_certificate="c.pem",
        tls_key="k.pem",
        tls_server_name="redis.internal",
        prefix="other",
        timeout=1.5,
    )
    assert redis_of(options) == Redis(
        addresses=(Address("one", 1), Address("two", 26379)),
        mode="sentinel",
        master="main",
        database=3,
        username="hub",
        password="p1",
        sentinel_username="watch",
        sentinel_password="p2",
        tls=True,
        tls_ca="ca.pem",
        tls_certificate="c.pem",
        tls_key="k.pem",
        tls_server_name="redis.internal",
        prefix="other",
        timeout=1.5,
    )


@pytest.mark.parametrize(("mode", "port"), [("single", 6379), ("cluster", 6379), ("sentinel", 26379)])
def test_ports_that_everybody_knows(mode: str, port: int) -> None:
    """Sentinels have another one than servers."""
    options = RedisOptions.model_validate({"url": "redis://host", "mode": mode})
    assert redis_of(options).addresses == (Address("host", port),)


def test_no_password_is_shown() -> None:
    """Neither of them."""
    options = RedisOptions(url="redis://h", password=SecretStr("hunter2"), sentinel_password=SecretStr("hunter3"))
    assert "hunter" not in repr(redis_of(options))
