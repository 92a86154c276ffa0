"""Rows of estimates."""

from __future__ import annotations

from integrations.rag_trainer.handlers.estimate import EstimateRows
from integrations.rag_trainer.results import Item
from tests.rag_works import marked

HEAD = ("№", "Шифр расценки", "Наименование работ", "Ед. изм.", "Кол-во", "Цена", "Сумма")


def items(*rows: tuple[str, ...]) -> list[Item]:
    text = "Смета\n" + "\n".join(map(" | ".join, rows))
    made = list(EstimateRows().items(marked(text, type="estimate", tables=[rows])))
    assert all(text[item.start : item.end] == item.text for item in made)
    return made


def test_rows_that_add_up() -> None:
    """Numbers are decimal numbers, whatever their signs; a total that is right is no news."""
    made = items(
        HEAD,
        ("1", "01-01-001", "Снос стен", "м3", "10,5", "1 000,00", "10 500,00"),
        ("2", "", "Кладка стен", "м3", "2", "250.5", "501"),
        ("", "", "Итого", "", "", "", "11 001"),
    )
    assert [item.kind for item in made] == ["row", "row"]
    assert made[0].data == {
        "number": "1", "code": "01-01-001", "name": "Снос стен", "unit": "м3",
        "quantity": "10.5", "price": "1000.00", "sum": "10500.00",
    }  # fmt: skip


def test_what_doesnt_add_up_is_told() -> None:
    """A row's own product, and the total."""
    made = items(HEAD, ("1", "", "Снос", "м3", "2", "100", "210"), ("", "", "Всего", "", "", "", "300"))
    assert [(item.kind, item.data.get("expected"), item.data.get("found")) for item in made[1:]] == [
        ("mismatch", "200", "210"),
        ("mismatch", "210", "300"),
    ]


def test_english() -> None:
    """Thousands parted by commas."""
    made = items(
        ("No", "Description", "Unit", "Qty", "Rate", "Amount"),
        ("1", "Demolition of walls", "m3", "4", "1,250.00", "5,000.00"),
        ("", "Total", "", "", "", "5,000.00"),
    )
    assert [item.data["sum"] for item in made] == ["5000.00"]


def test_another_table_is_no_estimate() -> None:
    """A table without the columns gives nothing."""
    assert items(("А", "Б"), ("1", "2")) == []
