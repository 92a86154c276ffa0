"""Where passwords come from."""

from __future__ import annotations

import getpass
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli.exits import Exit, Failure
from hub.cli.password import password_of


class Person(io.StringIO):
    """Standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_first_line_of_a_pipe_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As it stands, with blanks, however the line ends."""
    file = tmp_path / "password"
    file.write_text("ключ от замка \nmore\n")
    assert password_of(str(file)) == "ключ от замка "
    for text in ("a b c\n", "a b c\r\n", "a b c"):
        for place in (None, "-"):
            monkeypatch.setattr(sys, "stdin", io.StringIO(text))
            assert password_of(place) == "a b c"


def test_a_person_is_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an echo. What differs is no password."""

    def answers(*given: str) -> None:
        left: Iterator[str] = iter(given)
        monkeypatch.setattr(getpass, "getpass", lambda _: next(left))
        monkeypatch.setattr(sys, "stdin", Person())

    answers("open sesame", "open sesame")
    assert password_of(None) == "open sesame"
    for pair in (("one", "another"), ("", "")):
        answers(*pair)
        with pytest.raises(Failure, match="expected") as caught:
            password_of(None)
        assert caught.value.code is Exit.USAGE


def test_what_holds_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Is wrong usage; the words name the place, and never what is in it."""
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    for place, words in (
        (None, "standard input"),
        (str(tmp_path / "none"), "can't be read"),
        (str(tmp_path / "empty"), "expected a password"),
        (str(tmp_path / "binary"), "is not text"),
    ):
        with pytest.raises(Failure, match=words) as caught:
            password_of(place)
        assert caught.value.code is Exit.USAGE
