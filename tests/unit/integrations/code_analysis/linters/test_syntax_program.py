"""The parsers of the standard library, as a program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.code_analysis.linters.syntax_program import check, main

BILLION = "<!DOCTYPE x [<!ENTITY a0 'lol'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))


def complaint(folder: Path, name: str, content: str | bytes) -> tuple[str, int, int, str] | None:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return check(file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '{"a": [1, 2.5, null, "ü"]}'),
        ("a.json", '\ufeff{"a": 1}'),
        ("a.toml", "[a]\nb = 1979-05-27\n"),
        ("a.xml", '<?xml version="1.0" encoding="iso-8859-1"?><a/>'),
        ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.xml", f"{BILLION}]><x>&a11;</x>"),
        ("a.xml", "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>"),
    ],
)
def test_what_is_whole_is_fine(tmp_path: Path, name: str, content: str) -> None:
    """Entities are not expanded, and nothing else is read."""
    assert complaint(tmp_path, name, content) is None


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.json", '{"a": 1,\n}', ("json", 2, 1)),
        ("a.json", "", ("json", 1, 1)),
        ("A.JSON", "{", ("json", 1, 2)),
        ("a.json", b'{"a": "\xff"}', ("encoding", 0, 0)),
        ("a.json", "1" * 5000, ("json", 0, 0)),
        ("a.json", "[" * 100_000, ("depth", 0, 0)),
        ("a.toml", "a = 1\na = 2\n", ("toml", 2, 6)),
        ("a.toml", "a = ", ("toml", 0, 0)),
        ("a.toml", "a = " + "[" * 100_000, ("depth", 0, 0)),
        ("a.xml", "<a>\n<b></a>", ("xml", 2, 6)),
        ("a.xml", "", ("xml", 1, 1)),
        ("a.xml", '<?xml version="1.0" encoding="klingon"?><a/>', ("encoding", 0, 0)),
    ],
)
def test_what_is_broken_has_a_place(
    tmp_path: Path, name: str, content: str | bytes, expected: tuple[str, int, int]
) -> None:
    """As far as the parser tells."""
    found = complaint(tmp_path, name, content)
    assert found is not None
    assert found[:3] == expected
    assert found[3]


def test_broken_files_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON by their names; the others are not."""
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("{}")
    assert main([str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    assert list(json.loads(capsys.readouterr().out)) == [str(tmp_path / "a.json")]
