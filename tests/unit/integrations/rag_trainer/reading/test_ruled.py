"""Cells by lines."""

from __future__ import annotations

import time

from integrations.rag_trainer.reading.ruled import Edge, Grid, merged, touching

_PAGE = 595.0 * 842.0


def _across(y: float, low: float, high: float) -> Edge:
    return Edge(False, y, low, high)


def _down(x: float, low: float, high: float) -> Edge:
    return Edge(True, x, low, high)


def _square(columns: int, rows: int, size: float = 20) -> list[Edge]:
    return [
        *(_across(row * size, 0, columns * size) for row in range(rows + 1)),
        *(_down(column * size, 0, rows * size) for column in range(columns + 1)),
    ]


def _rows(grid: Grid, *places: tuple[float, float, str]) -> list[list[str]] | None:
    texts = {grid.cell_at(x, y): text for x, y, text in places}
    return grid.rows({cell: text for cell, text in texts.items() if cell is not None})


def test_each_place_has_its_cell() -> None:
    """Rows from the top; what is outside is in no cell."""
    grid = Grid(_square(2, 2), _PAGE)
    assert _rows(grid, (5, 35, "a"), (25, 35, "b"), (5, 5, "c"), (25, 5, "d")) == [["a", "b"], ["c", "d"]]
    assert grid.cell_at(45, 5) is None
    assert grid.cell_at(5, -1) is None


def test_cells_that_no_line_parts_are_one() -> None:
    """A head over two columns, and a cell over two rows; the text stands where the cell begins."""
    edges = [edge for edge in _square(3, 3) if edge != _down(20, 0, 60) and edge != _across(20, 0, 60)]
    edges += [_down(20, 0, 40), _across(20, 20, 60)]
    grid = Grid(edges, _PAGE)
    texts = [(30, 50, "head"), (5, 25, "tall"), (25, 25, "a"), (45, 25, "b"), (25, 5, "c"), (45, 5, "d")]
    assert _rows(grid, *texts) == [["head", "", ""], ["tall", "a", "b"], ["", "c", "d"]]
    assert grid.cell_at(5, 50) == grid.cell_at(30, 50)
    assert grid.cell_at(5, 5) == grid.cell_at(5, 25)


def test_sides_that_are_not_drawn_are_where_the_lines_end() -> None:
    """As in tables that have lines only between their cells."""
    grid = Grid([_across(20, 0, 60), _down(20, 0, 40), _down(40, 0, 40)], _PAGE)
    assert _rows(grid, (5, 30, "a"), (25, 30, "b"), (45, 5, "c")) == [["a", "b", ""], ["", "", "c"]]


def test_a_frame_is_no_cell() -> None:
    """What is in a frame of half a page or more is text, and its stamp is a table."""
    frame = [*_square(2, 2), _across(800, 0, 595), _across(0, 0, 595), _down(0, 0, 800), _down(595, 0, 800)]
    grid = Grid(merged(frame), _PAGE)
    assert grid.cell_at(300, 500) is None
    assert _rows(grid, (5, 35, "a"), (25, 5, "b"), (25, 35, "c")) is not None


def test_one_row_or_one_column_is_no_table() -> None:
    """Nor are empty cells, such as those of a bar chart."""
    assert _rows(Grid(_square(3, 1), _PAGE), (5, 5, "a"), (25, 5, "b")) is None
    assert _rows(Grid(_square(3, 3), _PAGE), (5, 5, "a"), (5, 25, "b")) is None
    assert _rows(Grid(_square(3, 3), _PAGE)) is None


def test_pieces_of_a_line_are_one() -> None:
    """The boxes of neighbouring cells draw their common side twice, a little apart."""
    assert merged([_across(10, 0, 20), _across(11, 19, 40), _across(10, 60, 70), _down(10, 0, 5)]) == [
        _across(31 / 3, 0, 40),
        _across(31 / 3, 60, 70),
        _down(10, 0, 5),
    ]


def test_lines_apart_are_tables_apart() -> None:
    """And lines under words, which touch nothing, are none."""
    far = [Edge(edge.vertical, edge.at + 300, edge.low + 300, edge.high + 300) for edge in _square(2, 2)]
    groups = touching([*_square(2, 2), *far, _across(200, 0, 50), _across(220, 0, 50)])
    assert sorted(map(len, groups)) == [6, 6]


def test_the_time_is_bounded() -> None:
    """1,000 lines across and 1,000 down, all of which touch: less than 3 s of the processor."""
    lines = [_across(4 * n, 0, 4_000) for n in range(1_000)] + [_down(4 * n, 0, 4_000) for n in range(1_000)]
    began = time.process_time()
    assert len(touching(merged(lines))) == 1
    assert time.process_time() - began < 3.0
