"""Workbooks."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.xlsx import read_xlsx
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import write_xlsx

_ESTIMATE = [
    ["Локальная смета № 1"],
    (),
    ["№", "Работа", "Кол-во"],
    [1, "Разработка грунта", 12.5],
    (),
    [None, "Итого", 1200.0],
]


def test_sheets_are_pages_and_blocks_are_tables(tmp_path: Path) -> None:
    """A caption is a line, an empty row ends a table."""
    path = write_xlsx(tmp_path / "a.xlsx", {"Смета": _ESTIMATE, "Total": [["Sum", True]]}, "Смета на школу")
    content = read_xlsx(path.read_bytes(), Limits())
    assert [table.rows for table in content.tables] == [
        (("№", "Работа", "Кол-во"), ("1", "Разработка грунта", "12.5")),
        (("", "Итого", "1200"),),
        (("Sum", "TRUE"),),
    ]
    assert [(page.number, page.title) for page in content.pages] == [(1, "Смета"), (2, "Total")]
    assert content.text[: content.pages[0].end].startswith("Локальная смета № 1\n\n№ | Работа")
    assert content.text[content.pages[1].start : content.pages[1].end] == "Sum | TRUE"
    assert content.title == "Смета на школу"


def test_values_are_written_as_people_read_them(tmp_path: Path) -> None:
    """Dates in ISO 8601, whole numbers without a fraction."""
    row = [date(2019, 6, 24), datetime(2019, 6, 24, 12, 30), time(8, 0), 0.1, 1e20, -3.0]  # noqa: DTZ001  # cells have none
    content = read_xlsx(write_xlsx(tmp_path / "a.xlsx", {"A": [row]}).read_bytes(), Limits())
    assert content.text == "2019-06-24 | 2019-06-24 12:30 | 08:00:00 | 0.1 | 1e+20 | -3"


def _with_sheet(tmp_path: Path, rows: str) -> bytes:
    original = write_xlsx(tmp_path / "a.xlsx", {"A": [["x"]]})
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
    return (tmp_path / "b.xlsx").read_bytes()


def test_rows_and_cells_that_are_far_away_are_bounded(tmp_path: Path) -> None:
    """One cell in the last row of a billion, or rows that each have one cell in the last column."""
    far = '<row r="999999999"><c r="A999999999"><v>1</v></c></row>'
    wide = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(1, 9))
    for rows, limits in ((far, Limits(pages=5)), (wide, Limits(text_chars=100_000))):
        with pytest.raises(StageFailed) as caught:
            read_xlsx(_with_sheet(tmp_path, rows), limits)
        assert caught.value.reason == "too_long"


def test_hidden_sheets_are_left_out_and_named(tmp_path: Path) -> None:
    """What people don't see isn't what they ask for."""
    path = write_xlsx(tmp_path / "a.xlsx", {"Смета": [["a", "b"]], "Коды": [["secret", "x"]], "Склад": [["y", "z"]]})
    book = load_workbook(path)
    book["Коды"].sheet_state = "hidden"
    book["Склад"].sheet_state = "veryHidden"
    book.save(path)
    content = read_xlsx(path.read_bytes(), Limits())
    assert content.text == "a | b"
    assert [page.title for page in content.pages] == ["Смета"]
    assert content.notes == ("2 hidden sheets are left out: Коды, Склад",)


def test_formulas_have_their_saved_values(tmp_path: Path) -> None:
    """A formula that was never computed is an empty cell, and is counted."""
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>SUM(A1)</f></c><c r="C1"><v>5</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/><v>7</v></c><c r="B2"><f>A1</f><v></v></c></row>'
    )
    content = read_xlsx(_with_sheet(tmp_path, rows), Limits())
    assert content.text == "2 |  | 5\n7 |  | "
    assert content.warnings == ("2 formulas have no saved value; open the workbook in a spreadsheet, and save it",)


def test_merged_heads_keep_the_columns_in_place(tmp_path: Path) -> None:
    """The value stands in the first cell; the others are empty."""
    rows: list[list[object]] = [["№", "Объём", None], [None, "ед.", "кол-во"], [1, "м3", 5]]
    path = write_xlsx(tmp_path / "a.xlsx", {"A": rows})
    book = load_workbook(path)
    book["A"].merge_cells("B1:C1")
    book["A"].merge_cells("A1:A2")
    book.save(path)
    (table,) = read_xlsx(path.read_bytes(), Limits()).tables
    assert table.rows == (("№", "Объём", ""), ("", "ед.", "кол-во"), ("1", "м3", "5"))
