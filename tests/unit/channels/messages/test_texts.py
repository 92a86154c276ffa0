"""Texts from elsewhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.messages import BuildStatus
from channels.messages.texts import LINE_MAX, NAME_MAX, TEXT_MAX, one_line, some_text


def test_a_line_is_cut_and_cleaned() -> None:
    """What turns the direction of writing, controls, and halves of characters become spaces."""
    assert one_line(" a\u202eb\r\n\x00c\ud800 ", 20) == "a b c"
    assert one_line("x" * 300, NAME_MAX) == "x" * 253 + "..."
    assert one_line("x" * 256, NAME_MAX) == "x" * 256
    assert one_line("\x00\n", LINE_MAX) == ""


def test_a_text_keeps_its_lines() -> None:
    """But no halves of characters."""
    assert some_text("one\n\ttwo\ud800\n") == "one\n\ttwo\ufffd"
    assert len(some_text("x" * 100_000)) == TEXT_MAX


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_what_comes_out_fits_a_message(name: str, text: str) -> None:
    """Whatever went in."""
    project = one_line(name, NAME_MAX) or "none"
    BuildStatus(build_id="1", project=project, status="queued", message=some_text(text))
