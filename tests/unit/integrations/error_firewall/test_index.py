"""Finding records and rules."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from integrations.error_firewall.call import Call, make_call
from integrations.error_firewall.index import MOST_RELATIVES, Index
from integrations.error_firewall.rules import InvalidRule
from tests.firewall_kit import BAD, GOOD, SOLUTION, condition, record_of, rule_of


def call(operation: str = "ios_build", **params: object) -> Call:
    return make_call(operation, params or BAD)


def found(index: Index, asked: Call) -> set[str]:
    return {compiled.rule.id for compiled in index.rules(asked)}


def test_a_record_is_found_by_its_call_alone() -> None:
    """Not by half of its parameters, nor by more."""
    index = Index()
    record = record_of()
    index.put(record)
    assert index.exact(call()) == [record]
    assert index.get(record.id) == record
    for other in ({"device": "iPhone 15"}, {**BAD, "scheme": "App"}, {**BAD, "os": "17.2"}):
        assert index.exact(make_call("ios_build", other)) == []
    assert index.exact(make_call("android_build", BAD)) == []


def test_one_call_may_have_failed_in_several_ways() -> None:
    """Each is a record."""
    index = Index()
    one, other = record_of(), record_of(error_type="Timeout")
    index.put(one)
    index.put(other)
    assert {record.id for record in index.exact(call())} == {one.id, other.id}
    index.drop(one.id)
    assert index.exact(call()) == [other]
    index.drop("no such entry")
    assert len(index) == 1


def test_a_newer_version_replaces_an_older_one() -> None:
    """Never the other way round: changes may come twice and late."""
    index = Index()
    record = record_of(version=3)
    index.put(record)
    index.put(replace(record, version=2, occurrences=99))
    assert index.exact(call())[0].occurrences == 1
    index.put(replace(record, version=4, occurrences=7))
    assert [entry.occurrences for entry in index.exact(call())] == [7]


def test_a_record_of_another_algorithm_never_matches() -> None:
    """Its fingerprint means something else."""
    index = Index()
    record = record_of()
    index.put(replace(record, fingerprints=replace(record.fingerprints, algorithm=0)))
    assert index.exact(call()) == []
    assert len(index) == 1


def test_a_call_is_known_as_a_solution() -> None:
    """So that its success says something about the solution."""
    index = Index()
    record = record_of(solution=SOLUTION)
    index.put(record)
    assert index.solved_by(make_call("ios_build", GOOD)) == [record]
    assert index.solved_by(call()) == []
    index.put(replace(record, solution=None, version=1))
    assert index.solved_by(make_call("ios_build", GOOD)) == []


def test_a_family_is_bounded() -> None:
    """A fault in a million calls doesn't make a list of a million."""
    index = Index()
    for number in range(MOST_RELATIVES + 10):
        index.put(record_of(params={"device": f"iPhone-{number}"}))
    assert len(index.family(record_of().fingerprints.family)) == MOST_RELATIVES


def test_rules_are_found_by_their_equality() -> None:
    """Also nested, one of several, without regard to case, and in the context; and only within their operation."""
    index = Index()
    index.put(rule_of(condition("device", "iPhone 15"), id="plain"))
    index.put(rule_of(condition("device", ["iPhone 15", "iPad"], "one_of"), id="choice"))
    index.put(rule_of(condition("device", "IPHONE 15", ignore_case=True), id="fold"))
    index.put(rule_of(condition("target.os", "17.0"), id="nested"))
    index.put(rule_of(condition("context.user", "bob"), id="context"))
    index.put(rule_of(condition("os", ">17", "version"), id="scanned"))
    assert found(index, call()) == {"plain", "choice", "fold", "scanned"}
    assert found(index, call(device="iPad")) == {"choice", "scanned"}
    assert found(index, call(target={"os": "17.0"})) == {"nested", "scanned"}
    assert found(index, make_call("ios_build", {}, {"user": "bob"})) == {"context", "scanned"}
    assert found(index, call("android_build", device="iPhone 15")) == set()
    for name in ("plain", "choice", "fold", "nested", "context", "scanned"):
        index.drop(name)
    assert found(index, call()) == set()


def test_a_changed_rule_is_found_by_its_new_conditions() -> None:
    """And no longer by the old ones."""
    index = Index()
    index.put(rule_of(condition("device", "iPhone 15"), version=1))
    index.put(rule_of(condition("device", "iPad"), version=2))
    assert found(index, call()) == set()
    assert found(index, call(device="iPad")) == {"rule-1"}


def test_rules_that_share_a_value_are_told_apart_by_another() -> None:
    """A thousand rules about one platform don't make a check ask a thousand."""
    index = Index()
    for number in range(1_000):
        rule = rule_of(condition("platform", "ios"), condition("device", f"d{number}"), id=f"rule-{number}")
        index.put(rule)
    assert found(index, call(platform="ios", device="d7")) <= {"rule-0", "rule-7"}
    assert index.crowd(rule_of(condition("device", "new"))) == 0
    assert index.crowd(rule_of(condition("device", "d7"))) == 1
    with pytest.raises(InvalidRule):
        index.crowd(rule_of())


def test_a_rule_that_cannot_be_read_is_kept_and_asked() -> None:
    """So that a check says so, instead of passing as if it weren't there."""
    index = Index()
    index.put(rule_of(condition("device", "(", "regex")))
    broken = next(iter(index.rules(call())))
    with pytest.raises(InvalidRule, match="without look-around"):
        broken.holds(call())


def test_readers_see_a_whole_index_while_it_changes() -> None:
    """Threads that check never fail, nor miss what was there all the time."""
    index = Index()
    steady, steady_rule = record_of(), rule_of(condition("device", "iPhone 15"), id="steady")
    index.put(steady)
    index.put(steady_rule)
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                if steady not in index.exact(call()) or "steady" not in found(index, call()):
                    wrong.append("missed")
            except Exception as error:
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    until = time.monotonic() + 0.4
    number = 0
    while time.monotonic() < until:
        number += 1
        other, rule = (
            record_of(error_type=f"E{number % 50}"),
            rule_of(condition("device", "iPhone 15"), id=f"r{number % 50}"),
        )
        index.put(other)
        index.put(rule)
        index.drop(other.id)
        index.drop(rule.id)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert number > 10
