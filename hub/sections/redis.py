"""The options of Redis, by which several processes are one hub."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr

from hub.option_types import Seconds, Section

_URL: Final = re.compile(r"|rediss?://[^@?#]+|unix:///[^?#]+")
_PREFIX: Final = re.compile(r"[A-Za-z0-9_.:-]+")


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError(
            "expected redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:///PATH, without user or password; "
            "those are redis.username and redis.password_file"
        )
    return text


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise ValueError("expected letters, digits and any of _ . : -")
    return text


class RedisOptions(Section):
    """Redis or Valkey, by which several processes and machines are one hub."""

    url: Annotated[str, AfterValidator(_url)] = Field(
        "",
        description="redis://host:port/db, rediss://host:port/db (TLS) or unix:///path; of a cluster or of sentinels "
        "any one, or several hosts separated by commas. No password in it. Empty: none",
    )
    mode: Literal["single", "sentinel", "cluster"] = Field(
        "single", description="single server, sentinels that know the server, or Redis Cluster"
    )
    master: str = Field("", description="name of the server that the sentinels watch")
    username: str = Field("", description="ACL user; empty: the default user")
    password: SecretStr = Field(SecretStr(""), description="better given by TOCSIN_REDIS__PASSWORD or password_file")
    password_file: str = Field("", description="file that holds the password")
    sentinel_username: str = Field("", description="ACL user on the sentinels, which have users of their own")
    sentinel_password: SecretStr = Field(
        SecretStr(""), description="better given by TOCSIN_REDIS__SENTINEL_PASSWORD or sentinel_password_file"
    )
    sentinel_password_file: str = Field("", description="file that holds it")
    tls_ca: str = Field("", description="PEM file with the authorities that the server's certificate is checked by")
    tls_certificate: str = Field("", description="PEM file with our certificate, where the server wants one")
    tls_key: str = Field("", description="PEM file with its private key")
    tls_server_name: str = Field(
        "", description="name that the certificates must be for; empty: the host that is connected to"
    )
    prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        "tocsin", description="what all our keys and channels begin with"
    )
    timeout: Seconds = Field(
        3.0, gt=0, description="seconds without an answer after which the connection counts as lost"
    )
    when_away: Literal["spool", "refuse"] = Field(
        "spool",
        description="what becomes of publishes while Redis is away: spool keeps them (bounded), refuse answers with a "
        "temporary error",
    )
    spool_publications: int = Field(100_000, ge=1, description="publications that may wait for Redis; more are refused")
    spool_bytes: int = Field(64 << 20, ge=4096, description="bytes of them")
    spool_wait: Seconds = Field(
        2.0, description="seconds that a publish waits for Redis before it is answered as queued"
    )
    check_interval: Seconds = Field(
        20.0, gt=0, description="seconds between two comparisons of what was heard with what Redis holds"
    )
    lease: Seconds = Field(30.0, gt=0, description="seconds after which a process that is silent counts as dead")
    embedded_dir: str = Field(
        "",
        description="folder of the Valkey that several workers without a url run for themselves; empty: one of its own "
        "for each port, under $XDG_STATE_HOME/tocsin",
    )
    embedded_fsync: Literal["always", "no"] = Field(
        "always",
        description="always: nothing that was acknowledged is lost, even by a power cut; no: faster on slow disks, and "
        "safe as long as the machine stays up",
    )
