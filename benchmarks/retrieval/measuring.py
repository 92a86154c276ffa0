"""Four ways to find passages, each judged by the labelled questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from statistics import fmean
from typing import Final, Literal

from benchmarks.retrieval.corpus import LabelledQuestion
from benchmarks.retrieval.metrics import Interval, interval, ndcg, recall
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.retrieval.rerank import WEIGHTS, Weights

Ask = Callable[[Question], Answer]
Mode = Literal["lexical", "dense", "hybrid"]

SYSTEMS: Final[dict[str, tuple[Mode, bool]]] = {
    "BM25": ("lexical", False),
    "dense": ("dense", False),
    "fused": ("hybrid", False),
    "fused, re-ranked": ("hybrid", True),
}
"""By their names: how a question is searched, and whether it is re-ranked."""
RECALL_AT: Final = 5
NDCG_AT: Final = 10

GROUPS: Final[dict[str, Callable[[LabelledQuestion], bool]]] = {
    "all": lambda _: True,
    "ru": lambda one: one.language == "ru",
    "en": lambda one: one.language == "en",
    "plain": lambda one: one.kind == "plain",
    "paraphrase": lambda one: one.kind == "paraphrase",
    "number": lambda one: one.kind == "number",
    "typo": lambda one: one.kind == "typo",
}
"""Groups of questions for which means are given."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one system on one group of questions."""

    system: str
    group: str
    questions: int
    recall: Interval
    ndcg: Interval


def measure(ask: Ask, questions: Sequence[LabelledQuestion]) -> list[Row]:
    """Ask all questions in all ways."""
    rows = []
    for system, (mode, rerank) in SYSTEMS.items():
        judged = [(one, *judge(ask, one, mode, rerank)) for one in questions]
        for group, belongs in GROUPS.items():
            values = [(recalled, gained) for one, recalled, gained in judged if belongs(one)]
            if values:
                first, second = zip(*values, strict=True)
                rows.append(Row(system, group, len(values), interval(first), interval(second)))
    return rows


def judge(ask: Ask, one: LabelledQuestion, mode: Mode, rerank: bool) -> tuple[float, float]:
    """Ask one question; return recall@5 and nDCG@10."""
    asked = Question(text=one.text, limit=NDCG_AT, mode=mode, rerank=rerank)
    passages = ask(asked).passages
    return recall(passages, one.labels, RECALL_AT), ndcg(passages, one.labels, NDCG_AT)


def ablation(ask_with: Callable[[Weights], Ask], questions: Sequence[LabelledQuestion]) -> dict[str, float]:
    """Return the mean nDCG@10 of re-ranked answers with all signs (`all`), and without each of them, by its name."""
    without = {field.name: replace(WEIGHTS, **{field.name: 0.0}) for field in fields(Weights)}
    return {
        name: fmean(judge(ask_with(weights), one, "hybrid", True)[1] for one in questions)
        for name, weights in {"all": WEIGHTS, **without}.items()
    }
