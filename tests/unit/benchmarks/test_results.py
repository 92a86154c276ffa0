"""What measurements say of themselves."""

from __future__ import annotations

import json

import pytest

from benchmarks.results import Idle, Stuck, peers_in
from tests.unit.benchmarks.samples import fan_out, results, run


def test_a_fan_out_is_rated_per_cpu_second_of_the_server() -> None:
    assert fan_out("tocsin", 0.5).per_cpu == 600_000
    assert fan_out("tocsin", 0.0).per_cpu == 0.0


def test_connects_are_rated_per_second_and_per_cpu_second() -> None:
    idle = Idle("tocsin", 1, 5000, 3200.0, 2.0, 1.0, 9000, 3300.0, "")
    assert (idle.connects_per_second, idle.connects_per_cpu) == (2500, 5000)


def test_rounds_leave_out_runs_that_did_not_deliver_everything() -> None:
    found = results(fan_out("tocsin", 1.0), fan_out("tocsin", 1.0, number=2, what=run(delivered=5)))
    assert found.rounds("fanout", lambda sample: sample.server_cpu) == {"tocsin": {1: 1.0}}


@pytest.mark.parametrize(("peer", "label"), [("tocsin", "Tocsin 0.1.0"), ("c-loop", "C loop"), ("other", "other")])
def test_a_label_has_the_version_in_its_place(peer: str, label: str) -> None:
    assert results().label(peer) == label


def test_peers_keep_the_order_of_their_first_sample() -> None:
    assert peers_in([fan_out("b", 1.0), fan_out("a", 1.0), fan_out("b", 1.0, number=2)]) == ["b", "a"]


def test_results_are_json() -> None:
    found = results(fan_out("tocsin", 1.0))
    found.stuck.append(Stuck("tocsin", 1, run(), run()))
    assert json.loads(json.dumps(found.as_json()))["fan_out"][0]["run"]["delivered"] == 300_000
