"""The labelled set, and that it doesn't contradict itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.retrieval.corpus import FOLDER, Paper, WrongLabel, papers, questions


def test_the_set_is_as_large_as_it_says() -> None:
    """At least 40 documents, 400 clauses and 120 questions, in both languages and all kinds, under 600 kB."""
    known = papers()
    asked = [*questions("tuning", known), *questions("held-out", known)]
    assert len(known) >= 40
    assert sum(len(paper.clauses) for paper in known.values()) >= 400
    assert len(asked) >= 120
    assert {(one.language, one.kind) for one in asked} == {
        (language, kind) for language in ("ru", "en") for kind in ("plain", "paraphrase", "number", "typo")
    }
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.suffix in (".txt", ".tsv")) < 600_000


def test_every_label_points_to_text_and_no_question_is_in_both_halves() -> None:
    """Reading checks each label; a clause has words, and one number stands once in a document."""
    known = papers()
    halves = [questions("tuning", known), questions("held-out", known)]
    for one in (*halves[0], *halves[1]):
        for label in one.labels:
            assert len(known[label.document].text[label.start : label.end].split()) > 5
    assert not {one.text for one in halves[0]} & {one.text for one in halves[1]}
    for paper in known.values():
        begins = [line.split(" ")[0] for line in paper.text.splitlines() if line[:1].isdigit()]
        assert len(begins) == len(set(begins)), paper.name


def test_a_clause_ends_before_the_next_numbered_line() -> None:
    """Headings of sections are no clauses."""
    paper = Paper("x", "Title\n\n5 Walls\n\n5.1 One\nmore\n\n5.2 Two\n\n6 Roofs\n\n6.1 Three\n")
    found = {number: paper.text[start:end] for number, (start, end) in paper.clauses.items()}
    assert found == {"5.1": "5.1 One\nmore", "5.2": "5.2 Two", "6.1": "6.1 Three"}


@pytest.mark.parametrize(
    "line",
    [
        "ru\tplain\tx",
        "de\tplain\tx\ta#1.1=2",
        "ru\todd\tx\ta#1.1=2",
        "ru\tplain\tx\ta#9.9=2",
        "ru\tplain\tx\tb#1.1=2",
        "ru\tplain\tx\ta#1.1=3",
        "ru\tplain\tx\ta#1.1=1",
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    """With its file and number."""
    (tmp_path / "questions-tuning.tsv").write_text("ru\tplain\tx\ta#1.1=2\n" + line + "\n", encoding="utf-8")
    with pytest.raises(WrongLabel, match=r"questions-tuning\.tsv, line 2"):
        questions("tuning", {"a.txt": Paper("a.txt", "1.1 Text\n")}, tmp_path)
