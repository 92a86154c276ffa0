"""Claims on Redis. What they share with others is in tests/contract/test_claims.py."""

from __future__ import annotations

from channels.redis.claims import RedisClaims, random_mark
from tests.redis_ports import command, redis_ports
from tests.redis_server import redis_server


def test_no_two_claims_share_a_mark() -> None:
    """Marks are random."""
    assert len({random_mark() for _ in range(1000)}) == 1000


async def test_a_claim_that_is_sent_again_is_the_same_claim() -> None:
    """Who lost the answer and asks again with the same mark has it; another one hasn't."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as process:
        claims = RedisClaims(process.backbone, lambda: b"mark")
        assert await claims.claim("ticket", 60.0)
        assert await claims.claim("ticket", 60.0)
        assert not await process.claims.claim("ticket", 60.0)


async def test_the_name_is_not_in_redis_and_the_key_ends() -> None:
    """A ticket is a secret as long as it may be used."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as process:
        await process.claims.claim("secret", 60.0)
        (key,) = await command(server.address, b"KEYS", b"*claim*")
        assert b"secret" not in key
        assert 59_000 < await command(server.address, b"PTTL", key) <= 60_000
