"""Close codes, against the table of the protocol."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.closing import CloseCode, should_reconnect

PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"

ROWS = re.findall(r"^\| (\d{4}) \| ([a-z ]+) \| (yes|no) \|", PROTOCOL.read_text(encoding="utf-8"), re.MULTILINE)


def test_codes_and_names_are_those_of_the_protocol() -> None:
    """Section 6 names every code that the hub closes with, and no other."""
    assert {(int(code), name) for code, name, _ in ROWS} == {(int(code), code.label) for code in CloseCode}


@pytest.mark.parametrize(("code", "name", "answer"), ROWS)
def test_who_reconnects_is_said_by_the_protocol(code: str, name: str, answer: str) -> None:
    """The column "reconnect" of section 6."""
    assert should_reconnect(int(code)) is (answer == "yes"), name


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        *((1005, True), (1006, True), (1012, True), (1013, True), (1003, False), (3000, False)),
        *((4005, True), (4499, True), (4505, False), (4999, False), (5000, False)),
    ],
)
def test_codes_that_the_hub_does_not_send(code: int, answer: bool) -> None:
    """A lost connection is opened again; of the hub's own range the first half is, also what isn't in use yet."""
    assert should_reconnect(code) is answer
