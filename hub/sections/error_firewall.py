"""The options of the error firewall."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hub.option_types import Count, Name, Seconds, Section

_SCHEMA_NAME = r"^[a-z_][a-z0-9_]{0,47}$"


class ErrorFirewallOptions(Section):
    """The error firewall: an error that was seen once stops the operation that would repeat it. Needs a database."""

    enabled: bool = Field(False, description="run it, with its API under /api/firewall")
    dry_run: bool = Field(False, description="block nothing; verdicts and messages say what would have been blocked")
    fail_mode: Literal["open", "closed"] = Field(
        "open",
        description="what a check says that can't be made: open warns, closed blocks; it is degraded both times",
    )
    similarity_threshold: float = Field(
        0.9,
        gt=0,
        le=1.01,
        description="likeness (0 to 1) from which a call that resembles a recorded one is warned about; above 1: never",
    )
    entries: int = Field(
        110_000, ge=1, description="records and rules that each process knows; further errors are only counted"
    )
    compared: Count = Field(50_000, description="records that are compared for likeness, the newest; about 1 kB each")
    expiry: Seconds = Field(
        7_776_000.0,
        description="seconds after its last sighting, after which a record that nobody confirmed says nothing any more",
    )
    quiet_below: float = Field(
        0.25, ge=0, le=1, description="confidence below which what isn't confirmed no longer warns"
    )
    demote_below: float = Field(
        0.35,
        ge=0,
        le=1,
        description="confidence below which what is confirmed goes back to suggested, after three failures",
    )
    passed_per_second: float = Field(
        10.0, ge=0, description="messages error_passed per second; the next one counts those left out; 0: none"
    )
    recorded_per_second: float = Field(
        10.0, ge=0, description="messages error_recorded per second; the next one counts those left out; 0: none"
    )
    retention: Seconds = Field(2_592_000.0, description="seconds for which verdicts are kept; 0 keeps them forever")
    waiting: int = Field(
        10_000,
        ge=1,
        description="verdicts that wait for the database, and as many sightings and outcomes; more are dropped and "
        "counted",
    )
    overriders: tuple[Name, ...] = Field(
        (), description="users who may override a block, beside operators", examples=[["release-manager"]]
    )
    database_schema: Annotated[str, Field(pattern=_SCHEMA_NAME)] = Field(
        "error_firewall", description="schema of the database that its tables are in; made when it isn't there"
    )
    database_timeout: float = Field(10.0, gt=0, description="seconds that the database has for an answer")
