"""The firewall's own numbers."""

from __future__ import annotations

import threading

from integrations.error_firewall.tally import Tally


def test_numbers_are_counted() -> None:
    """Each by its name."""
    tally = Tally()
    for names in (
        ("checks", "allow"),
        ("checks", "warn", "would_block"),
        ("checks", "block", "degraded"),
        ("recorded",),
    ):
        tally.add(*names)
    numbers = tally.statistics(unwritten=3, entries=7)
    assert (numbers.checks, numbers.passes, numbers.warns, numbers.blocks, numbers.would_block) == (3, 1, 1, 1, 1)
    assert (numbers.degraded, numbers.recorded, numbers.unwritten, numbers.entries) == (1, 1, 3, 7)


def test_the_false_block_rate_is_a_share_of_all_blocks() -> None:
    """Of those that held, that were overridden and that a dry run would have made; unknown without any."""
    tally = Tally()
    assert tally.statistics(0, 0).false_block_rate is None
    for name in ("block", "block", "overridden", "would_block", "false_block", "false_warning"):
        tally.add(name)
    assert tally.statistics(0, 0).false_block_rate == 0.25


def test_no_count_is_lost_between_threads() -> None:
    """Every one arrives."""
    tally = Tally()

    def work() -> None:
        for _ in range(2_000):
            tally.add("checks")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.statistics(0, 0).checks == 8_000
