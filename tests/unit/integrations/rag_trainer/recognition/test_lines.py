"""Lines with their places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.rag_trainer.recognition.lines import lines


@given(st.text(alphabet="ab \n", max_size=40))
def test_lines_are_those_of_the_text(text: str) -> None:
    """Joined by line feeds they are the text, and each stands where it says."""
    found = list(lines(text))
    assert "\n".join(line.text for line in found) == text
    assert all(text[line.start : line.end] == line.text for line in found)
    assert all(line.blank == (not line.text.strip()) for line in found)
