"""What a guard needs of a firewall. See also test_guard.py."""

from __future__ import annotations

from integrations.error_firewall.model import Decision
from integrations.error_firewall.overriding import Override
from tests.firewall_kit import BAD, GOOD, blocking


async def test_the_call_comes_with_the_verdict() -> None:
    """So that what came of it can be learned; there is none when the check failed."""
    firewall = await blocking()
    verdict, call = firewall._judge.judge("ios_build", GOOD)
    assert call is not None
    assert (verdict.decision, call.params) == (Decision.ALLOW, GOOD)
    firewall._judge.finished("ios_build", GOOD, verdict, call, None)
    assert call in firewall._parts.knowledge.recent
    failed, nothing = await firewall._judge.judge_async("ios_build", 5)  # type: ignore[arg-type]
    assert failed.degraded
    assert nothing is None
    firewall._judge.finished("ios_build", None, failed, nothing, None)


async def test_learning_never_raises() -> None:
    """What fails is counted: the operation's own result or error must come through."""
    firewall = await blocking()
    verdict, call = firewall._judge.judge("ios_build", GOOD)
    firewall._parts.knowledge.recent = None  # type: ignore[assignment]
    firewall._judge.finished("ios_build", GOOD, verdict, call, None)
    assert firewall.statistics.failed == 1


async def test_an_override_counts_once() -> None:
    """Asked for on either way."""
    firewall = await blocking(may_override=lambda actor, operation: True)
    override = Override("r", "alice")
    firewall._judge.judge("ios_build", BAD, override=override)
    await firewall._judge.judge_async("ios_build", BAD, override=override)
    assert firewall.index.entries()[0].evidence.overridden == 2
