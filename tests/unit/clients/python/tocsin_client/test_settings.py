"""Which hub the environment names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin_client.settings import from_environment
from tocsin_client.tokens import current


def test_the_environment(tmp_path: Path) -> None:
    """URL, and a token itself or in a file that is read anew each time."""
    file = tmp_path / "token"
    file.write_text("one\n")
    assert from_environment({}) is None
    plain = from_environment({"TOCSIN_URL": "http://h:1", "TOCSIN_TOKEN": "abc"})
    filed = from_environment({"TOCSIN_URL": "http://h:1", "TOCSIN_TOKEN_FILE": str(file)})
    assert plain is not None
    assert filed is not None
    assert (plain.address.port, plain.token) == (1, "abc")
    assert current(filed.token) == "one"
    file.write_text("two")
    assert current(filed.token) == "two"


def test_no_secret_shows() -> None:
    """In what a log or a debugger prints."""
    assert "abc" not in repr(from_environment({"TOCSIN_URL": "http://h:1", "TOCSIN_TOKEN": "abc"}))


def test_a_url_that_is_none() -> None:
    """Is an error here, and a log line for who notifies."""
    with pytest.raises(ValueError, match="url"):
        from_environment({"TOCSIN_URL": "nonsense"})
