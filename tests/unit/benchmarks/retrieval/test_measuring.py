"""How questions are judged, with answers that are made up for it."""

from __future__ import annotations

from benchmarks.retrieval.corpus import Label, LabelledQuestion
from benchmarks.retrieval.measuring import SYSTEMS, Ask, ablation, judge, measure
from integrations.rag_trainer.answers import Answer, Passage, Question
from integrations.rag_trainer.retrieval.rerank import WEIGHTS, Weights

RIGHT, RELATED = Label("a.txt", 0, 10, 2), Label("a.txt", 10, 20, 1)
ASKED = [
    LabelledQuestion("one", "ru", "plain", (RIGHT, RELATED)),
    LabelledQuestion("two", "en", "typo", (RIGHT,)),
]


class Known:
    """Answers by words with nothing, else with the right passage; re-ranked, before the wrong ones."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """Answer."""
        self.asked.append(question)
        places = [("b.txt", n * 10) for n in range(5)] if question.mode != "dense" else []
        places.insert(0 if question.rerank else len(places), ("a.txt", 0))
        passages = tuple(
            Passage(
                id=str(n), document=name, title="", type="", start=start, end=start + 10, text="", score=1.0 - n / 10
            )
            for n, (name, start) in enumerate(places)
        )
        passages = () if question.mode == "lexical" else passages
        return Answer(
            question=question.text, mode=question.mode, passages=passages, timings_ms={}, documents=1, chunks=1
        )


def test_each_system_has_a_row_for_each_group_that_has_questions() -> None:
    """With recall@5 and nDCG@10 of its answers."""
    rows = measure(Known().ask, ASKED)
    assert {row.system for row in rows} == set(SYSTEMS)
    assert {row.group for row in rows} == {"all", "ru", "en", "plain", "typo"}
    recalled = {row.system: row.recall.mean for row in rows if row.group == "all"}
    assert recalled == {"BM25": 0.0, "dense": 1.0, "fused": 0.0, "fused, re-ranked": 1.0}
    gained = {row.system: row.ndcg.mean for row in rows if row.group == "en"}
    assert gained["BM25"] == 0.0
    assert gained["fused, re-ranked"] == 1.0 > gained["fused"] > 0.3


def test_ten_passages_are_asked_for() -> None:
    """As many as nDCG@10 looks at, in the way that is measured."""
    known = Known()
    judge(known.ask, ASKED[0], "hybrid", True)
    assert known.asked == [Question(text="one", limit=10, mode="hybrid", rerank=True)]


def test_each_sign_is_left_out_once() -> None:
    """And all the others keep their weight."""
    tried: list[Weights] = []

    def ask_with(weights: Weights) -> Ask:
        if weights not in tried:
            tried.append(weights)
        return Known().ask

    means = ablation(ask_with, ASKED)
    assert list(means) == ["all", "fused", "dense", "coverage", "document", "clause"]
    assert set(means.values()) == {means["all"]}
    assert tried[0] == WEIGHTS
    assert tried[2] == Weights(WEIGHTS.fused, 0.0, WEIGHTS.coverage, WEIGHTS.document, WEIGHTS.clause)
