"""How passages are shown."""

from __future__ import annotations

import io

from hub.cli.ask_view import show
from hub.cli.terminal import Terminal
from integrations.rag_trainer.answers import Answer, Passage

PASSAGE = Passage(
    id="1",
    document="norms/sp.txt",
    title="Кладка",
    type="norms",
    designation="СП 12.13330.2022",
    path=("4 Швы",),
    page=7,
    start=10,
    end=60,
    text="4.1 Толщина горизонтальных швов 12 мм.",
    score=1.25,
)


def _shown(passage: Passage | None = PASSAGE, question: str = "толщину шва", colour: bool = False) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    passages = () if passage is None else (passage,)
    answer = Answer(
        question=question,
        mode="hybrid",
        passages=passages,
        timings_ms={"total": 3.2},
        documents=2,
        chunks=9,
        notes=("a\x1bb",),
    )
    show(answer, Terminal(out, err, colour_out=colour))
    return out.getvalue(), err.getvalue()


def test_a_passage_with_its_source() -> None:
    """Designation, title, document, headings, page, place, score; what it took goes to standard error."""
    out, err = _shown()
    assert out.splitlines()[:3] == [
        "1. СП 12.13330.2022. Кладка",
        "   norms/sp.txt > 4 Швы > page 7, characters 10-60, score 1.250",
        "   4.1 Толщина горизонтальных швов 12 мм.",
    ]
    assert err.splitlines() == ["2 documents, 9 passages, hybrid, 3 ms", "note: a\\u001bb"]


def test_words_of_the_question_are_marked() -> None:
    """Also in another case; no others."""
    out, _ = _shown(colour=True)
    assert "\x1b[1;33mТолщина\x1b[0m" in out
    assert "\x1b[1;33mгоризонтальных" not in out
    assert "\x1b[" not in _shown()[0]


def test_nobodys_data_steers_the_terminal() -> None:
    """Neither by control characters nor by rich's markup."""
    out, _ = _shown(PASSAGE.model_copy(update={"text": "[red]x[/red]\x1b[2J", "title": "\x07t"}))
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[red]x[/red]" in out


def test_a_long_passage_is_cut_and_nothing_is_said_to_be_nothing() -> None:
    """At 1,500 characters, with a mark."""
    out, _ = _shown(PASSAGE.model_copy(update={"text": "слово " * 1_000}))
    assert out.count("слово") == 250
    assert "…" in out
    assert _shown(None)[0] == "nothing was found\n"
