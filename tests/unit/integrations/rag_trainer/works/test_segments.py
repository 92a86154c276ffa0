"""Segments: sentences and items of lists, with their places."""

from __future__ import annotations

import time

from integrations.rag_trainer.results import Span
from integrations.rag_trainer.works.segments import LONGEST, segments


def shown(text: str) -> list[tuple[str | None, str]]:
    return [(segment.marker, text[segment.start : segment.end]) for segment in segments(text)]


def test_sentences_and_items() -> None:
    """Items are known by number, letter or bullet, also within a line; a broken line goes on."""
    text = "5.2 Монтаж ведут по\nпроекту, см. рис. 3 и т. д. Далее:\n- раз;\nа) два\nПорядок: 1) снос; 2) вывоз."
    assert shown(text) == [
        ("5.2", "Монтаж ведут по\nпроекту, см. рис. 3 и т. д"),
        (None, "Далее:"),
        ("-", "раз"),
        ("а", "два"),
        (None, "Порядок:"),
        ("1", "снос"),
        ("2", "вывоз"),
    ]


def test_tables_are_left_out() -> None:
    """What begins in one of the spans isn't yielded."""
    text = "раз\nА | Б\nдва"
    assert [text[s.start : s.end] for s in segments(text, [Span(start=4, end=9)])] == ["раз", "два"]


def test_no_segment_is_long_and_the_time_is_linear() -> None:
    """A megabyte without a full stop comes in bounded pieces, and soon."""
    for text in ("слово " * 170_000, "a" * 1_000_000, "1) " * 330_000, " " * 1_000_000, "-\n" * 500_000):
        before = time.process_time()
        assert all(0 < segment.end - segment.start <= LONGEST for segment in segments(text))
        assert time.process_time() - before < 8
