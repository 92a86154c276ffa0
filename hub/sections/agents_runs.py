"""The options of runs: how agents' answers are made, kept and bounded."""

from __future__ import annotations

from pydantic import Field

from hub.option_types import Section


class RunsSection(Section):
    """How messages are answered."""

    workers: int = Field(100, ge=1, description="runs at work at once in each process")
    waiting_per_session: int = Field(
        10, ge=0, description="messages of a session that may wait while one is answered; a further one is refused"
    )
    flush_interval: float = Field(
        0.015,
        ge=0,
        le=0.25,
        description="seconds between two writes of an answer's pieces, at least; what a kill may lose",
    )
    wait: float = Field(
        300.0, gt=0, description="seconds that a request waits for its answer; then it is answered with 202"
    )
    lease: float = Field(
        15.0, gt=0, description="seconds after which a run whose process says nothing is ended by another process"
    )
    sweep: float = Field(5.0, gt=0, description="seconds between two looks for such runs, and for lost queue entries")
    attempts: int = Field(
        3, ge=1, description="how often a run is begun whose process ends before anything of its answer is written"
    )
    recall_timeout: float = Field(5.0, gt=0, description="seconds that searching the memory may take for a run")
    remember_timeout: float = Field(5.0, gt=0, description="seconds that storing an exchange may take")
    longest: float = Field(900.0, gt=0, description="seconds that a run may take")
    answer_characters: int = Field(400_000, ge=1, description="characters of an answer at most")
    drain: float = Field(
        5.0, ge=0, description="seconds that runs have to end when their process stops; then they are interrupted"
    )
    removal: float = Field(
        30.0,
        ge=0,
        description="seconds that runs of an agent have to end when it is deleted; then they are stopped",
    )
