"""From the section `redis` of the configuration to what `channels.redis` takes."""

from __future__ import annotations

from channels.redis.config import DEFAULT_PORT, SENTINEL_PORT, Redis, parse_url
from hub.sections.redis import RedisOptions


def redis_of(options: RedisOptions) -> Redis:
    """Return where Redis is, and how to talk to it. A URL of sentinels without a port means theirs.

    Raises:
        ValueError: the URL can't be used. The message doesn't repeat it.
    """
    port = SENTINEL_PORT if options.mode == "sentinel" else DEFAULT_PORT
    addresses, database, tls = parse_url(options.url, port)
    return Redis(
        addresses=addresses,
        mode=options.mode,
        master=options.master,
        database=database,
        username=options.username,
        password=options.password.get_secret_value(),
        sentinel_username=options.sentinel_username,
        sentinel_password=options.sentinel_password.get_secret_value(),
        tls=tls,
        tls_ca=options.tls_ca,
        tls_certificate=options.tls_certificate,
        tls_key=options.tls_key,
        tls_server_name=options.tls_server_name,
        prefix=options.prefix,
        timeout=options.timeout,
    )
