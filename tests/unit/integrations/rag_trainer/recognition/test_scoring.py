"""From evidence to a type with a confidence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.rag_trainer.recognition.scoring import HIGHEST, Evidence, judge

_EVIDENCE = st.builds(
    Evidence,
    type=st.sampled_from(["norms", "report", "letter"]),
    subtype=st.sampled_from(["", "sp", "gost"]),
    weight=st.integers(1, 9).map(lambda eighths: eighths / 2),
    words=st.sampled_from(["a", "b"]),
)


def test_without_evidence_it_is_generic() -> None:
    """And says that nothing speaks for another type."""
    verdict = judge([])
    assert (verdict.type, verdict.reasons) == ("generic", ("nothing speaks for another type",))


def test_one_weak_clue_is_not_enough() -> None:
    """Generic has a score of its own."""
    assert judge([Evidence("report", "", 1.0, "x")]).type == "generic"


def test_what_speaks_for_two_types_lowers_the_confidence() -> None:
    """The stronger wins, with its reasons by weight."""
    norms = [Evidence("norms", "sp", 4.0, "title"), Evidence("norms", "gost", 1.0, "cited")]
    alone, torn = judge(norms), judge([*norms, Evidence("report", "", 4.5, "report")])
    assert torn[:2] == alone[:2] == ("norms", "sp")
    assert torn.confidence < alone.confidence
    assert alone.reasons == ("title", "cited")


@given(st.lists(_EVIDENCE, max_size=8))
def test_the_order_of_the_evidence_does_not_matter(found: list[Evidence]) -> None:
    """And the confidence is a share."""
    verdict = judge(found)
    assert judge(found[::-1]) == verdict
    assert 0 < verdict.confidence <= HIGHEST


def test_what_could_be_any_type_is_not_sure_to_be_generic() -> None:
    """A type for which nothing speaks may still be it, so each makes the verdict less sure."""
    types = ["act", "contract", "estimate", "letter", "norms", "report"]
    assert judge([]).confidence == HIGHEST
    assert 0.5 < judge([], types).confidence < 0.8
    assert judge([Evidence("report", "", 9.0, "x")], types).confidence > 0.95
