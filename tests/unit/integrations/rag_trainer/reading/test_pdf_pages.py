"""Pages made into text again."""

from __future__ import annotations

import time

from integrations.rag_trainer.reading.pdf_pages import TABLE, joined, rejoined, without_running_lines
from integrations.rag_trainer.reading.ruled import Ruled


def test_running_lines_are_left_out_and_counted() -> None:
    """A header, and page numbers that differ; the same line in the middle of a page stays."""
    words = ("грунт", "бетон", "кирпич", "кровля", "фасад")
    pages = [
        ["СП 48.13330.2019", f"Пункт {word}", "СП 48.13330.2019", f"О {word}", f"Стр. {n}"]
        for n, word in enumerate(words)
    ]
    kept, left_out = without_running_lines(pages)
    assert kept[0] == ["Пункт грунт", "СП 48.13330.2019", "О грунт"]
    assert left_out == {"СП 48.13330.2019": 5, "Стр. 0": 5}


def test_left_and_right_pages_may_differ() -> None:
    """Each header is on half of the pages."""
    pages = [["Left" if n % 2 else "Right", f"{'abcdefgh'[n]} text", f"{'abcdefgh'[n]} end", "x" * n] for n in range(8)]
    assert set(without_running_lines(pages)[1]) == {"Left", "Right"}


def test_two_pages_have_no_running_lines() -> None:
    """What is there twice may be text; nor has a document any of which each page begins otherwise."""
    assert without_running_lines([["A", "b"], ["A", "c"]]) == ([["A", "b"], ["A", "c"]], {})
    assert without_running_lines([[], [""], ["x"]])[1] == {}


def test_words_that_were_parted_are_joined() -> None:
    """The rest of the word moves up, so lines stay lines."""
    assert joined([["устройство фунда-", "мента, и далее", "ГОСТ 5-", "6 марок", "кое-", "Что"]]) == [
        ["устройство фундамента,", "и далее", "ГОСТ 5-", "6 марок", "кое-", "Что"]
    ]
    assert joined([["rein-", "forcement"]]) == [["reinforcement"]]


def test_a_hyphen_stays_where_the_document_has_it_elsewhere() -> None:
    """Then it belongs to the word."""
    pages = [["строительно-", "монтажных работ"], ["Строительно-монтажных работ"]]
    assert joined(pages)[0] == ["строительно-монтажных", "работ"]


def test_hostile_lines_take_linear_time() -> None:
    """Long words, hyphens and digits."""
    start = time.process_time()
    lines = ["a" * 300_000, "a-" * 150_000, "1" * 300_000, "b" * 100_000 + "-", "c" * 100_000]
    joined([lines * 2])
    without_running_lines([lines] * 4)
    assert time.process_time() - start < 5


def test_tables_and_captions_are_no_running_lines() -> None:
    """Though each page begins with one."""
    pages = [[f"Таблица {n}", f"{TABLE}{n}", f"слово {'абвгд'[n]}"] for n in range(5)]
    assert without_running_lines(pages) == (pages, {})


def test_a_table_that_goes_on_is_one() -> None:
    """Rows are added, a head that is there again is not, and the page that begins with a row is known."""
    one, two = Ruled([["h", "k"], ["1", "a"]], [0, 50, 100]), Ruled([["h", "k"], ["2", "b"]], [1, 51, 99])
    tables = {f"{TABLE}0": one, f"{TABLE}1": two}
    pages = [["text", f"{TABLE}0", "", "- 7 -"], ["Окончание таблицы 1", f"{TABLE}1", "", "more"]]
    assert rejoined(pages, tables) == [["text", f"{TABLE}0", "", "- 7 -"], ["more"]]
    assert one.rows == [["h", "k"], ["1", "a"], ["2", "b"]]
    assert one.pages == {2: 2}


def test_text_between_tables_parts_them() -> None:
    """And so do other columns."""
    one, two = Ruled([["1", "2"]], [0, 50, 100]), Ruled([["3", "4"]], [0, 50, 100])
    tables = {f"{TABLE}0": one, f"{TABLE}1": two}
    pages = [[f"{TABLE}0", "text"], [f"{TABLE}1"]]
    assert rejoined(pages, tables) == pages
    assert rejoined([[f"{TABLE}0"], ["text", f"{TABLE}1"]], tables)[1] == ["text", f"{TABLE}1"]
    two.columns[1] = 70
    assert rejoined([[f"{TABLE}0"], [f"{TABLE}1"]], tables) == [[f"{TABLE}0"], [f"{TABLE}1"]]
