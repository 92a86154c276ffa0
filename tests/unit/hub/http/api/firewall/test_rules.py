"""Rules."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.http.api.firewall import rules
from hub.http.api.firewall.bodies import ChangeBody, ConfirmBody, PredicateBody, RuleBody, RuleChangeBody, SolutionBody
from tests.unit.hub.http.api.calls import call
from tests.unit.hub.http.api.firewall.memory_firewall import guarded_hub

RULE = RuleBody(
    operation="build",
    error_type="Broken",
    title="never 1",
    predicates=[PredicateBody(kind="equals", field="params.device", argument="Pixel 9")],
    solution=SolutionBody(text="use 2"),
    seconds=60.0,
)


async def test_a_rule_is_made_confirmed_changed_retired_and_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It warns until it is confirmed. A dropped one is gone, also when nobody follows the store."""
    monkeypatch.setattr(rules, "HEARD_WITHIN", 0.01)
    hub, double = guarded_hub()
    made = await rules.make_rule(hub, call(RULE))
    assert (made.status, made.title, made.changed_by) == ("suggested", "never 1", "operator")
    assert made.expires_at is not None
    assert (await rules.make_rule(hub, call(RULE))).version == made.version
    assert double.firewall.check("build", {"device": "Pixel 9"}).decision == "warn"
    assert (await rules.confirm_rule(hub, call(ConfirmBody(), rule=made.id))).status == "confirmed"
    assert double.firewall.check("build", {"device": "Pixel 9"}).decision == "block"
    changed = await rules.change_rule(hub, call(RuleChangeBody(seconds=None, action="warn"), rule=made.id))
    assert (changed.action, changed.expires_at, changed.title) == ("warn", None, "never 1")
    assert changed.solution is not None
    assert (await rules.retire_rule(hub, call(ChangeBody(), rule=made.id))).status == "retired"
    assert [rule.id for rule in (await rules.list_rules(hub, call())).rules] == [made.id]
    assert (await rules.get_rule(hub, call(rule=made.id))).id == made.id
    await rules.delete_rule(hub, call(rule=made.id))
    assert (await rules.list_rules(hub, call())).rules == []


async def test_a_record_is_no_rule() -> None:
    """Its id is not found here, and nothing happens to it."""
    hub, double = guarded_hub()
    record = double.firewall.record("it broke", "build", {"device": "Pixel 9"}, error_type="Broken")
    assert record is not None
    for handler, body in (
        (rules.get_rule, None),
        (rules.change_rule, RuleChangeBody()),
        (rules.delete_rule, None),
        (rules.confirm_rule, ConfirmBody()),
        (rules.retire_rule, ChangeBody()),
    ):
        for id in (record.id, "none") if handler is not rules.delete_rule else (record.id,):
            with pytest.raises(ReplyError) as refused:
                await handler(hub, call(body, rule=id))
            assert refused.value.code is ErrorCode.NOT_FOUND
    assert double.firewall.index.get(record.id) is not None


async def test_a_condition_that_can_not_be_read_is_refused() -> None:
    """When the rule is made, and not when it is asked."""
    hub, _ = guarded_hub()
    bad = RULE.model_copy(update={"predicates": [PredicateBody(kind="regex", field="n", argument="(")]})
    with pytest.raises(ReplyError) as refused:
        await rules.make_rule(hub, call(bad))
    assert refused.value.code is ErrorCode.INVALID_DATA
