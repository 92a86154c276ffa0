"""Names of uploaded files. The uploads themselves: tests/integration/test_training.py."""

from __future__ import annotations

import pytest

from hub.http.api.training.uploads import Names


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\b.docx", "b.docx"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("a\0\nb.txt", "a__b.txt"),
        ("СП 48.pdf", "СП 48.pdf"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("\ud800.txt", "?.txt"),
    ],
)
def test_a_name_is_one_part_that_prints(given: str, name: str) -> None:
    """Nothing of a path is left, nothing hidden, and nothing too long."""
    assert Names().take(given) == name


def test_a_name_is_given_once() -> None:
    """Whatever the case of its letters."""
    names = Names()
    assert [names.take(name) for name in ("a.txt", "A.txt", "b/a.txt")] == ["a.txt", "A-2.txt", "a-3.txt"]
