"""What is known now."""

from __future__ import annotations

from dataclasses import replace

from integrations.error_firewall.call import make_call
from integrations.error_firewall.knowledge import Knowledge, Recent, call_of
from integrations.error_firewall.model import Status
from integrations.error_firewall.similarity import Similarity
from tests.firewall_kit import BAD, condition, record_of, rule_of


def test_index_and_likeness_know_the_same() -> None:
    """A record is found both ways, until it is retired or forgotten; rules are found by conditions only."""
    knowledge, record = Knowledge(Similarity()), record_of()
    knowledge.put(record)
    knowledge.put(rule_of(condition("device", "iPhone 15")))
    call = make_call("ios_build", BAD)
    assert knowledge.similarity.search(call) == [(record.id, 1.0)]
    assert call_of(record).fingerprint == call.fingerprint
    knowledge.put(replace(record, status=Status.RETIRED, version=1))
    assert knowledge.similarity.search(call) == []
    assert len(knowledge.index) == 2
    knowledge.put(replace(record, version=2))
    knowledge.drop(record.id)
    assert (len(knowledge.index), len(knowledge.similarity)) == (1, 0)


def test_calls_that_succeeded_are_remembered() -> None:
    """The newest, by operation; one that fails leaves."""
    recent = Recent(2)
    calls = [make_call(operation, {"n": n}) for operation, n in (("a", 1), ("a", 2), ("b", 3))]
    recent.add(calls[0])
    recent.add(calls[1])
    recent.add(calls[0])
    recent.add(calls[2])
    assert [call in recent for call in calls] == [True, False, True]
    assert recent.of("a") == [calls[0]]
    recent.drop(calls[0])
    recent.drop(calls[1])
    assert recent.of("a") == []


def test_likeness_to_a_failure_is_no_warning_for_what_succeeded() -> None:
    """Facts come before likeness. See also test_matching.py."""
    knowledge = Knowledge(Similarity())
    call = make_call("ios_build", {"device": "IPHONE 15", "os": "17.0"})
    knowledge.put(record_of())
    knowledge.recent.add(call)
    assert call in knowledge.recent
    assert knowledge.similarity.search(call) != []
