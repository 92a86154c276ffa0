from __future__ import annotations

from integrations.rag_trainer.chunking.segments import segments
from integrations.rag_trainer.results import Section, Structure, Table

TEXT = "Введение\n1 Работы\n1.1 Бетон\nУход.\nа | б\n1 | 2\nКонец.\n2 Пусто\n"


def _section(title: str, end: str, level: int, parent: int | None = None) -> Section:
    start = TEXT.index(title)
    return Section(
        title=title,
        level=level,
        parent=parent,
        start=start,
        end=TEXT.index(end) + len(end),
        body=start + len(title) + 1,
    )


def test_a_text_is_parted_at_sections_and_tables() -> None:
    """A heading alone goes with the text below it, and stays alone where there is none."""
    sections = (
        _section("1 Работы", "Конец.\n", 1),
        _section("1.1 Бетон", "Конец.\n", 2, 0),
        _section("2 Пусто", "Пусто\n", 1),
    )
    table = Table(start=TEXT.index("а |"), end=TEXT.index("Конец"), rows=())
    found = segments(TEXT, Structure(log="", sections=sections, tables=(table,), figures=(), completeness=1))
    assert [(TEXT[one.start : one.end], one.kind, one.above) for one in found] == [
        ("Введение", "text", ()),
        ("1 Работы\n1.1 Бетон\nУход.", "text", (0, 1)),
        ("а | б\n1 | 2", "table", (0, 1)),
        ("Конец.", "text", (0, 1)),
        ("2 Пусто", "text", (2,)),
    ]


def test_blank_text_has_no_segments() -> None:
    """And an empty one neither."""
    nothing = Structure(log="", sections=(), tables=(), figures=(), completeness=0)
    assert segments(" \n\t ", nothing) == segments("", nothing) == []
