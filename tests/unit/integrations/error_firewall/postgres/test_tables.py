"""The store's tables."""

from __future__ import annotations

import hashlib

from integrations.error_firewall.postgres.tables import STEPS

RELEASED: list[str] = [
    "17ce40ffb68cd737a91e0309673b535447ac485a0d63fb345e4a04f7d6109fdd",
]
"""Digests of the steps that databases out there were made by. Only ever append to this list."""


def test_released_steps_never_change() -> None:
    """Databases out there were made by them."""
    assert [hashlib.sha256(step.encode()).hexdigest() for step in STEPS][: len(RELEASED)] == RELEASED


def test_every_step_keeps_to_its_schema() -> None:
    """No table, index or reference is made elsewhere."""
    for step in STEPS:
        for word in ("CREATE TABLE ", "INSERT INTO ", "REFERENCES ", "COMMENT ON TABLE ", "ALTER TABLE "):
            assert all(rest.startswith("{schema}.") for rest in step.split(word)[1:])
