"""Reply errors: one table, and what goes on the wire."""

from __future__ import annotations

import re

import pytest

from channels.errors import ErrorCode, ReplyError, unknown_channel


def test_every_word_is_unique() -> None:
    """A repeated row would silently become another name of the first one."""
    assert len({code.word for code in ErrorCode}) == len(ErrorCode) == len(ErrorCode.__members__)


@pytest.mark.parametrize("code", ErrorCode)
def test_a_row_has_a_wire_word_and_an_http_error_status(code: ErrorCode) -> None:
    """Words are in snake case, as the names are; the status says whose fault it is."""
    assert code.word == code.name.lower()
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code.word)
    assert 400 <= code.status <= 599


@pytest.mark.parametrize("code", ErrorCode)
def test_temporary_errors_are_those_of_the_server_and_of_rates(code: ErrorCode) -> None:
    """`temporary: true` promises that the same command may succeed later: HTTP says so with 429 and 5xx."""
    assert code.temporary == (code.status == 429 or code.status >= 500)


def test_an_error_on_the_wire() -> None:
    """Code, message and temporary, then the details."""
    error = ReplyError(ErrorCode.RATE_LIMITED, "too fast", retry_after=1.5)
    assert error.as_dict() == {"code": "rate_limited", "message": "too fast", "temporary": True, "retry_after": 1.5}
    assert str(error) == "too fast"


def test_an_unknown_channel_names_those_that_are_there() -> None:
    """The words are those of the plain protocol."""
    assert unknown_channel("X", ["a", "b"]).as_dict() == {
        "code": "unknown_channel",
        "message": "Invalid channel: X",
        "temporary": False,
        "available_channels": ["a", "b"],
    }


def test_a_long_name_is_not_repeated_in_full() -> None:
    """What a hostile client sends doesn't come back at its own length."""
    assert unknown_channel("x" * 128, []).message == "Invalid channel: " + "x" * 128
    assert unknown_channel("x" * 1_000_000, []).message == "Invalid channel: " + "x" * 128 + "..."
