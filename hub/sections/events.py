"""The options of event streams, and of the tickets and cookies by which browsers sign in to them."""

from __future__ import annotations

from pydantic import Field

from hub.option_types import Seconds, Section


class EventsOptions(Section):
    """Event streams over HTTP (`/events`), and the tickets and cookies that sign browsers in."""

    heartbeat: Seconds = Field(
        30.0,
        description="seconds between two signs of life on a stream; a client that takes no byte of what waits from one "
        "to the next is ended (4000); 0 turns it off",
    )
    idle_timeout: Seconds = Field(
        0.0, description="seconds without a publication, after which a stream is ended (4001); 0 turns it off"
    )
    retry: float = Field(
        3.0,
        gt=0,
        le=3600,
        description="seconds after which a browser is to come back when a stream breaks; each is told another "
        "time, between half and one and a half of it",
    )
    ticket_lifetime: float = Field(30.0, gt=0, le=300, description="seconds for which a ticket can be used, once")
    cookie: str = Field(
        "tocsin_session",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="name of the cookie that POST /api/session sets; two hubs on one host need two names",
    )
    cookie_secure: bool = Field(
        False,
        description="mark cookies Secure even if the hub sees no TLS, because a proxy before it ends TLS; with TLS, or "
        "a page from https, they are anyway",
    )
