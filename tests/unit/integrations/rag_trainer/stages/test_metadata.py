"""Stage 8: dates, money, quantities, materials and references."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.results import Metadata, Text
from integrations.rag_trainer.stages.metadata import MetadataExtraction

_FILE = Path(__file__).parents[4] / "data" / "recognition" / "metadata.txt"
_GOLDEN = {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in _FILE.read_text("utf-8").split("=== ")[1:]}


def _run(text: str, limit: int = 1_000) -> Metadata:
    draft = Draft(Source(Path("x.txt"), "x.txt"))
    draft.put(Text(log="", text=text, language="und"))
    return MetadataExtraction(limit).run(draft)


def _told(found: Metadata) -> list[str]:
    return [
        *(f"date {one.value}" for one in found.dates),
        *(f"money {one.amount} {one.currency}" for one in found.money),
        *(f"quantity {one.value} {one.unit}" for one in found.quantities),
        *(f"material {one.name} {one.grade}" for one in found.materials),
        *(f"reference {one.designation}" for one in found.references),
    ]


@pytest.mark.parametrize("name", _GOLDEN)
def test_the_values_are_the_golden_ones(name: str) -> None:
    """Precision and recall are 1 on the labelled texts, among them numbers that are no values."""
    text, _, expected = _GOLDEN[name].partition("---\n")
    assert sorted(_told(_run(text))) == sorted(expected.splitlines())


def test_the_lists_are_bounded() -> None:
    """What is beyond the limit is left out, and the log says how many there were."""
    found = _run("5 мм, 6 мм, 7 мм и 24.06.2019", limit=2)
    assert [one.value for one in found.quantities] == ["5", "6"]
    assert found.log == (
        "1 dates, 0 sums of money, 3 quantities, 0 materials, 0 references; 1 beyond the limit of 2 of a kind left out"
    )


def test_nothing_is_found_in_a_text_that_says_nothing() -> None:
    """No value is made up; the title is the first line."""
    found = _run("Памятка\nКофе на втором этаже.")
    assert _told(found) == []
    assert found.title == "Памятка"


_PIECES = st.sampled_from(
    [
        "24.06.2019",
        "июня",
        "2019 г.",
        "ГОСТ",
        "Р",
        "27751-2014",
        "1 234,56",
        "руб.",
        "тыс.",
        "$",
        "€",
        "25",
        "мм",
        "м2",
        "-",
        "5",
        "°C",
        "бетон",
        "класса",
        "В25",
        "\u00a0",
        "—",
        "(",
        ")",
        "\n",
        "ё",
        "EN",
        "1992-1-1",
        "steel",
        "S355",
        "İ",
        "x",
        "коп.",
    ]
)


@given(
    st.lists(_PIECES, max_size=30).map(" ".join) | st.lists(_PIECES, max_size=30).map("".join) | st.text(max_size=150)
)
@settings(max_examples=200, deadline=None)
def test_each_value_stands_where_it_says_and_nowhere_twice(text: str) -> None:
    """`text[start:end]` is the value's text, and no two values share a character."""
    found = _run(text)
    values = [*found.dates, *found.money, *found.quantities, *found.materials, *found.references]
    assert [text[value.start : value.end] for value in values] == [value.model_dump()["text"] for value in values]
    spans = sorted((value.start, value.end) for value in values)
    assert all(start < end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


@pytest.mark.parametrize(
    "piece", ["1 000 ", "1-", "1x1x1x1 ", "1 (а", "бетон класса ", "ГОСТ ", "1.", "24 июня ", " ", "5 А....", "aб"]
)
def test_the_time_is_linear(piece: str) -> None:
    """100,000 hostile characters take less than 3 s of the processor."""
    began = time.process_time()
    _run(piece * (100_000 // len(piece)))
    assert time.process_time() - began < 3.0
