"""The alert book. Notices come in any order, and more than once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from channels.messages import SystemAlert
from integrations.system_monitor.book import EXTERNAL, Acknowledgement, Book
from integrations.system_monitor.silences import Silence


def alert(name: str = "a-1", start: float = 100.0, end: float | None = None, **fields: Any) -> SystemAlert:
    """Make an alert that began at `start`, and ended at `end` if there is one."""
    return SystemAlert(
        alert_id=name,
        name="host_cpu",
        severity="warning",
        status="firing" if end is None else "resolved",
        summary="Busy",
        started_at=datetime.fromtimestamp(start, UTC),
        ended_at=None if end is None else datetime.fromtimestamp(end, UTC),
        **fields,
    )


def test_an_alert_is_found_by_id_and_while_it_fires_by_key() -> None:
    """A key's next alert has another id."""
    book = Book(10)
    assert book.write(alert(), "cpu/db-1", "n-1", 160.0)
    entry = book.firing("cpu/db-1")
    assert entry is not None
    assert entry is book.get("a-1")
    assert book.write(alert(end=150.0), "cpu/db-1", "n-1", 3_600.0)
    assert (book.firing("cpu/db-1"), entry.firing, len(book)) == (None, False, 1)


def test_a_renewed_lease_moves_the_end_and_nothing_else() -> None:
    """The same again with an earlier end is old."""
    book = Book(10)
    book.write(alert(description="long"), "k", "n-1", 160.0)
    assert book.write(alert(), "k", "n-1", 200.0)
    assert not book.write(alert(), "k", "n-1", 180.0)
    entry = book.get("a-1")
    assert entry is not None
    assert (entry.until, entry.alert.description) == (200.0, "long"), "notices go without the description"


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_any_order_of_notices_ends_the_same(order: tuple[int, ...]) -> None:
    """Fired, renewed, resolved, acknowledged: in the end it is resolved."""
    book = Book(10)
    notices: list[Callable[[], object]] = [
        lambda: book.write(alert(), "k", "n-1", 160.0),
        lambda: book.write(alert(), "k", "n-2", 200.0),
        lambda: book.write(alert(end=150.0), "k", "n-2", 3_700.0),
        lambda: book.acknowledge("a-1", Acknowledgement("alice", 120.0, 100.0), 9_999.0),
    ]
    for number in order:
        notices[number]()
    entry = book.get("a-1")
    assert entry is not None
    assert (entry.firing, entry.owner, entry.until) == (False, "n-2", 3_700.0)
    assert entry.acknowledgement == Acknowledgement("alice", 120.0, 100.0)


def test_an_id_may_fire_anew() -> None:
    """As those of Alertmanager do; what was said of the first time doesn't hold for the second."""
    book = Book(10)
    book.write(alert(), "k", "n-1", 160.0)
    book.acknowledge("a-1", Acknowledgement("alice", 120.0, 100.0), 9_999.0)
    book.write(alert(end=150.0), "k", "n-1", 3_700.0)
    assert book.write(alert(start=200.0), "k", "n-1", 260.0)
    entry = book.get("a-1")
    assert entry is not None
    assert (entry.firing, entry.acknowledgement) == (True, None)
    book.acknowledge("a-1", Acknowledgement("alice", 220.0, 100.0), 9_999.0)
    assert entry.acknowledgement is None
    assert not book.write(alert(end=150.0), "k", "n-1", 9_999.0), "the end of the first time"


def test_the_latest_acknowledgement_counts() -> None:
    """Whatever comes last."""
    book = Book(10)
    book.write(alert(), "k", "n-1", 160.0)
    for by, at in (("bob", 130.0), ("alice", 120.0)):
        book.acknowledge("a-1", Acknowledgement(by, at, 100.0), 9_999.0)
    entry = book.get("a-1")
    assert entry is not None
    assert entry.acknowledgement is not None
    assert entry.acknowledgement.by == "bob"


def test_what_fires_has_room_before_what_is_resolved() -> None:
    """Only a book full of firing alerts takes no further one of another system, and counts it."""
    book = Book(2)
    book.write(alert("a-1"), EXTERNAL + "1", "n-1", 160.0)
    book.write(alert("a-2", end=150.0), EXTERNAL + "2", "n-1", 160.0)
    assert book.write(alert("a-3"), EXTERNAL + "3", "n-1", 160.0)
    assert book.get("a-2") is None
    assert not book.write(alert("a-4"), EXTERNAL + "4", "n-1", 160.0)
    assert (len(book), book.overflowed) == (2, 1)


def test_the_hubs_own_alerts_always_have_room() -> None:
    """Or a rule that fires would find no entry, and fire again at each look."""
    book = Book(1)
    for number in range(3):
        assert book.write(alert(f"a-{number}"), f"rule/n-{number}", "n-1", 160.0)


def test_a_lifted_silence_stays_lifted() -> None:
    """Also when the notice of its making comes later."""
    book = Book(10)
    silence = Silence("s-1", {"name": "*"}, 500.0, "alice")
    book.silence(silence)
    assert book.silenced_by(alert(), 100.0) == ["s-1"]
    book.lift("s-1", 560.0)
    book.silence(silence)
    assert (book.silences(100.0), book.silenced_by(alert(), 100.0)) == ([], [])


def test_silences_are_bounded() -> None:
    """A further one is counted, and not in force."""
    book = Book(1, [Silence("config-0", {"name": "x"}, None, "configuration")])
    book.silence(Silence("s-1", {"name": "*"}, 500.0, "alice"))
    assert ([silence.id for silence in book.silences(0.0)], book.overflowed) == (["config-0"], 1)


def test_what_is_over_is_forgotten() -> None:
    """Alerts that fire are not, whoever spoke for them: somebody must resolve them."""
    book = Book(10)
    book.write(alert("a-1"), "k1", "n-1", 160.0)
    book.write(alert("a-2", end=150.0), "k2", "n-1", 400.0)
    book.silence(Silence("s-1", {"name": "*"}, 500.0, "alice"))
    book.lift("s-2", 500.0)
    book.acknowledge("a-9", Acknowledgement("alice", 1.0, 1.0), 500.0)
    book.sweep(399.0)
    assert len(book) == 2
    book.sweep(500.0)
    assert [entry.alert.alert_id for entry in book] == ["a-1"]
    assert book.silences(0.0) == []
    book.silence(Silence("s-2", {"name": "*"}, 900.0, "alice"))
    assert len(book.silences(0.0)) == 1
