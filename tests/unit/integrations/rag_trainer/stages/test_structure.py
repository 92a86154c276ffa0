"""Stage 5: sections, tables and figures."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.results import Figure, HeadingText, Structure, Table, TableText, Text
from integrations.rag_trainer.stages.structure import StructuralAnalysis

_FILE = Path(__file__).parents[4] / "data" / "recognition" / "outlines.txt"
_GOLDEN = {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in _FILE.read_text("utf-8").split("=== ")[1:]}
_MARK = re.compile(r"^(#+) .*$", re.MULTILINE)


def _text(text: str, tables: tuple[TableText, ...] = (), headings: tuple[HeadingText, ...] = ()) -> Text:
    return Text(log="", text=text, language="und", tables=tables, headings=headings)


def _run(text: Text, limit: int = 1_000) -> Structure:
    draft = Draft(Source(Path("x.txt"), "x.txt"))
    draft.put(text)
    return StructuralAnalysis(limit).run(draft)


def _outline(structure: Structure) -> list[str]:
    return [f"{section.level} {section.number or '-'} {section.title}" for section in structure.sections]


@pytest.mark.parametrize("name", _GOLDEN)
def test_the_outline_is_the_golden_one(name: str) -> None:
    """Headings of norms, contracts and reports, in Russian and English, plain and marked by their format."""
    told, _, expected = _GOLDEN[name].partition("---\n")
    marks = tuple(HeadingText(start=mark.start(), end=mark.end(), level=len(mark[1])) for mark in _MARK.finditer(told))
    assert _outline(_run(_text(told, headings=marks))) == expected.splitlines()


def test_tables_and_figures_have_captions_numbers_and_sections() -> None:
    """A table of the format and one of plain text are both found; prose about a table is no caption."""
    told = (
        "1 Допуски\nТаблица 1.1 - Размеры\nВид | мм\nСтена | 5\nТаблица 1.1 приведена выше.\n"
        "Рисунок 2 - Схема\nFig. 3: Plan\n2 Нагрузки\nTable 3: Loads\na\t1\nb\t2\nТаблица 9\nбез строк\n"
    )
    start = told.index("Вид")
    end = told.index("\nТаблица 1.1 приведена")
    marked = TableText(start=start, end=end, rows=(("Вид", "мм"), ("Стена", "5")))
    found = _run(_text(told, tables=(marked,)))
    assert [(one.number, one.caption, one.section, one.rows) for one in found.tables] == [
        ("1.1", "Размеры", 0, (("Вид", "мм"), ("Стена", "5"))),
        ("3", "Loads", 1, (("a", "1"), ("b", "2"))),
        ("9", None, 1, ()),
    ]
    assert [(one.number, one.caption, one.section) for one in found.figures] == [("2", "Схема", 0), ("3", "Plan", 0)]
    assert found.log == "2 sections in 1 levels, 3 tables, 2 figures; 100% of the text is in a section"


def test_the_number_of_sections_is_bounded() -> None:
    """What is beyond the limit is left out, and the log says how many."""
    found = _run(_text("1 Scope\na\n2 Terms\nb\n3 Use\nc\n"), limit=2)
    assert len(found.sections) == 2
    assert found.log.endswith("; 1 beyond the limit of 2 left out")


_LINES = st.sampled_from(
    [
        "1 Scope",
        "2 Terms",
        "1.1 General",
        "1.1.1 Работы ведут.",
        "Приложение А",
        "А.1 Форма",
        "Раздел 2",
        "Введение",
        "x",
        "",
        "Таблица 1 - Размеры",
        "a | b",
        "Рисунок 1",
        "Contents",
        "1 Scope .... 3",
        "24.06.2019 Начало",
        "Ёж\u00a0Š",
    ]
)


@given(
    st.lists(_LINES, max_size=25).map("\n".join) | st.text(max_size=200),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 40), st.integers(1, 9)), max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_spans_are_within_the_text_nested_and_ordered(told: str, marks: list[tuple[int, int, int]]) -> None:
    """Whatever the text and the marks: a parent holds its children, siblings don't overlap, bodies begin inside."""
    headings = tuple(HeadingText(start=start, end=start + length, level=level) for start, length, level in marks)
    found = _run(_text(told, headings=headings))
    ends: dict[int | None, int] = {}
    for index, section in enumerate(found.sections):
        assert 0 <= section.start < section.body <= section.end <= len(told)
        if section.parent is not None:
            parent = found.sections[section.parent]
            assert section.parent < index
            assert parent.level == section.level - 1
            assert parent.body <= section.start
            assert section.end <= parent.end
        assert section.start >= ends.get(section.parent, 0)
        ends[section.parent] = section.end
    places: list[Table | Figure] = [*found.tables, *found.figures]
    for place in places:
        assert 0 <= place.start < place.end <= len(told)
        if place.section is not None:
            assert found.sections[place.section].start <= place.start < found.sections[place.section].end


@pytest.mark.parametrize("piece", ["1 A\n", "\n", "1.1.1 A.\n", "A.1 B\n", "a|b\n", "1.", "Таблица 1 - ", "aб"])
def test_the_time_is_linear(piece: str) -> None:
    """100,000 hostile characters take less than 3 s of the processor."""
    began = time.process_time()
    _run(_text(piece * (100_000 // len(piece))))
    assert time.process_time() - began < 3.0
