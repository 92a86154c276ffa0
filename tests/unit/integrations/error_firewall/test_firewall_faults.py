"""What earlier error firewalls got wrong: each fault is a test."""

from __future__ import annotations

import re
from typing import Any

import pytest

from integrations.error_firewall.model import Decision, FailMode, Solution
from integrations.error_firewall.overriding import Override
from integrations.error_firewall.specificity import TooBroad
from tests.firewall_kit import BAD, Heard, blocking, condition, firewall_with


async def test_half_a_match_is_no_match() -> None:
    """One of two parameters that agree is not a score of 0.5 that some threshold swallows or lets block."""
    firewall = await blocking()
    assert firewall.check("ios_build", {"device": BAD["device"]}).decision is Decision.ALLOW
    assert firewall.check("ios_build", {"device": BAD["device"], "os": "16.4"}).decision is Decision.ALLOW


async def test_a_single_generic_key_never_blocks_everything() -> None:
    """It can't be confirmed, and the error says why; the operations go on."""
    firewall = firewall_with()
    record = firewall.record("it failed", "build", {"operation": "build"}, error_type="Failed")
    assert record is not None
    with pytest.raises(TooBroad, match="expected a parameter that tells this call from other calls"):
        await firewall.confirm(record.id, by="alice")
    rule = await firewall.propose("build", [condition("operation", "build")], by="alice")
    with pytest.raises(TooBroad, match="Add a condition"):
        await firewall.confirm(rule.id, by="alice")
    assert firewall.check("build", {"operation": "build", "target": "app"}).decision is Decision.WARN
    assert firewall.check("build", {"target": "app"}).decision is Decision.ALLOW


class Exploding(dict[str, Any]):
    """Parameters that fail when they are read."""

    def items(self) -> Any:
        raise RuntimeError("token=hunter2")


@pytest.mark.parametrize(("mode", "decision"), [(FailMode.OPEN, Decision.WARN), (FailMode.CLOSED, Decision.BLOCK)])
async def test_a_check_that_fails_is_never_a_silent_allow(mode: FailMode, decision: Decision) -> None:
    """It is degraded, says why, is counted and announced, and follows the declared fail mode."""
    heard = Heard()
    firewall = firewall_with(heard, fail_mode=mode)
    for verdict in (firewall.check("x", Exploding(a=1)), await firewall.check_async("x", Exploding(a=1))):
        assert verdict.decision is decision
        assert verdict.degraded
        assert "the check itself failed (RuntimeError)" in verdict.why
        assert "hunter2" not in verdict.why
    assert firewall.statistics.degraded == 2
    assert heard.messages[0][1]["degraded"] is True


async def test_whatever_is_passed_in_nothing_is_raised() -> None:
    """Not by checking nor by recording: the operation must not suffer."""
    firewall = firewall_with()
    wrong: Any
    for wrong in (None, 5, object(), ["x"]):
        assert firewall.check(wrong).degraded
        assert firewall.record("e", wrong) is None
    assert firewall.check("x", 5).degraded  # type: ignore[arg-type]
    assert firewall.record("e", "x", Exploding(a=1)) is None
    assert firewall.statistics.failed == 5


async def test_ids_can_be_read() -> None:
    """No bare hash."""
    firewall = await blocking()
    match = firewall.check("ios_build", BAD).match
    assert match is not None
    assert re.fullmatch(r"ios-build-devicenotfound-[0-9a-f]{10}", match.error_id)


async def test_an_override_runs_and_is_booked() -> None:
    """With a reason, by who may; it is announced and in the audit."""
    heard = Heard()
    firewall = await blocking(heard, may_override=lambda actor, operation: actor == "alice")
    verdict = firewall.check("ios_build", BAD, override=Override("the device is there now", "alice"))
    assert verdict.decision is Decision.ALLOW
    assert verdict.overridden
    told = heard.last("error_overridden")
    assert (told["actor"], told["reason"], told["status"]) == ("alice", "the device is there now", "overridden")
    assert firewall.index.entries()[0].evidence.overridden == 1
    refused = firewall.check("ios_build", BAD, override=Override("I want to", "mallory"))
    assert refused.decision is Decision.BLOCK
    assert "mallory may not override" in refused.why
    await firewall._parts.books.flush()
    booked = await firewall.store.verdicts()
    assert [audited.verdict.overridden for audited in booked] == [False, True]
    assert booked[1].actor == "alice"


async def test_secrets_stay_out_of_everything() -> None:
    """Records, verdicts, messages and the audit."""
    heard = Heard()
    firewall = firewall_with(heard)
    params = {"user": "bob", "password": "hunter2", "url": "https://u:hunter2@host/x"}
    record = firewall.record(
        "login failed: password=hunter2",
        "login",
        params,
        {"api_key": "hunter2"},
        solution=Solution("use token=hunter2"),
    )
    verdict = firewall.check("login", params, {"api_key": "hunter2"})
    await firewall._parts.books.flush()
    everything = [record, verdict, heard.messages, await firewall.store.verdicts(), await firewall.store.load()]
    assert "hunter2" not in repr(everything)
    assert verdict.decision is Decision.WARN
