"""The options of the database, and of the pool of connections to it."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr

from hub.option_types import Seconds, Section

_URL: Final = re.compile(r"|postgres(ql)?://([^:@/?#]*@)?[^@/?#]*(/[^@?#]*)?(\?[^#]*)?")
_SECRET: Final = re.compile(r"[?&](password|passfile)=", re.IGNORECASE)


def _url(text: str) -> str:
    if not _URL.fullmatch(text) or _SECRET.search(text):
        raise ValueError(
            "expected postgresql://HOST:PORT/DATABASE or postgresql:///DATABASE?host=/FOLDER/OF/SOCKET, without a "
            "password; that is database.password_file"
        )
    return text


class DatabaseOptions(Section):
    """PostgreSQL, for the parts of the hub that need it. Nothing is started while none does."""

    url: Annotated[str, AfterValidator(_url)] = Field(
        "",
        description="postgresql://host:port/database, with ?sslmode=verify-full over a network; no password in it. "
        "Empty: the embedded one, when something needs a database",
    )
    user: str = Field("", description="database user, unless the url names one")
    password: SecretStr = Field(SecretStr(""), description="better given by TOCSIN_DATABASE__PASSWORD or password_file")
    password_file: str = Field("", description="file that holds the password")
    embedded: Literal["auto", "always", "never"] = Field(
        "auto",
        description="auto: without a url, the hub runs a PostgreSQL for itself when something needs a database; "
        "always: also when nothing does; never: then a url is needed",
    )
    embedded_dir: str = Field(
        "",
        description="folder of that PostgreSQL; empty: one of its own for each port, under $XDG_STATE_HOME/tocsin, or "
        "/var/lib/tocsin as root",
    )
    min_size: int = Field(2, ge=1, description="connections that each process keeps open at least")
    max_size: int = Field(20, ge=1, description="connections that each process opens at most, at any instant")
    grow_above: float = Field(80.0, gt=0, le=100, description="utilisation in % above which the pool grows by a fifth")
    shrink_below: float = Field(20.0, ge=0, lt=100, description="utilisation in % below which it shrinks by a fifth")
    grow_cooldown: Seconds = Field(5.0, description="seconds after a change in which the pool doesn't grow")
    shrink_cooldown: Seconds = Field(60.0, description="seconds after a change in which it doesn't shrink")
    acquire_timeout: float = Field(10.0, gt=0, description="seconds that a query waits for a connection")
    connect_timeout: float = Field(5.0, gt=0, description="seconds that opening a connection may take")
    slow_query: Seconds = Field(1.0, description="seconds from which a query is reported; 0: none is")
    leak_after: Seconds = Field(
        60.0, description="seconds after which a borrowed connection is reported as forgotten; 0: none is"
    )
    stats_interval: Seconds = Field(60.0, description="seconds between two `stats_update`; 0 turns it off")
    check_interval: float = Field(15.0, gt=0, description="seconds between two looks whether the database is there")
