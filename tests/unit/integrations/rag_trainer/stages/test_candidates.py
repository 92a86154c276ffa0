"""Stage 6."""

from __future__ import annotations

import time

from integrations.rag_trainer.stages.candidates import CandidateExtraction
from tests.rag_works import draft_of

TEXT = "Монтаж колонн\nСварку балок ведут после монтажа колонн. Formwork installation is next.\n- Снос стен;\n"


def test_places_are_exact_and_apart_and_the_log_counts() -> None:
    """`Text.text[start:end]` is the candidate; the same draft gives the same result."""
    draft = draft_of(TEXT, titles=["Монтаж колонн"])
    made = CandidateExtraction().run(draft)
    assert [each.text for each in made.candidates] == [
        "Монтаж колонн", "Сварку балок", "монтажа колонн", "Formwork installation", "Снос стен",
    ]  # fmt: skip
    assert all(TEXT[each.start : each.end] == each.text for each in made.candidates)
    assert all(a.end <= b.start for a, b in zip(made.candidates, made.candidates[1:], strict=False))
    assert {each.section for each in made.candidates} == {0}
    assert made.log.startswith("5 candidates of works (sentence 2") or made.log.startswith("5 candidates of works (")
    assert made.model_dump_json() == CandidateExtraction().run(draft).model_dump_json()


def test_bounds() -> None:
    """What is over the limit is counted; what is less sure than asked for is left out."""
    draft = draft_of(TEXT, titles=["Монтаж колонн"])
    made = CandidateExtraction(limit=2).run(draft)
    assert len(made.candidates) == 2
    assert made.log.endswith("3 more were over the limit")
    assert [each.text for each in CandidateExtraction(least=0.9).run(draft).candidates] == ["Монтаж колонн"]


def test_a_text_without_works_gives_none() -> None:
    """That is no failure."""
    assert CandidateExtraction().run(draft_of("Общие положения. Nothing here.")).log == "0 candidates of works"


def test_a_megabyte_is_done_in_seconds() -> None:
    """The time is linear in the text."""
    sentence = "Монтаж колонн {} следует выполнять после приёмки фундаментов {} и сварки балок.\n"
    text = "".join(sentence.format(n, n) for n in range(6_000))
    draft = draft_of(text)
    before = time.process_time()
    assert len(CandidateExtraction().run(draft).candidates) > 10_000
    assert time.process_time() - before < 20
