"""What the environment has."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.http.api.firewall import environment
from hub.http.api.firewall.bodies import ResourceBody
from tests.kit import principal
from tests.unit.hub.http.api.calls import call
from tests.unit.hub.http.api.firewall.memory_firewall import guarded_hub

BODY = ResourceBody(items=[{"name": "a"}], covers={"build": {"name": "params.device"}})


async def test_a_resource_is_reported_and_told() -> None:
    """With who reported it, and when."""
    hub, _ = guarded_hub()
    ci = principal("ci", publish=("error_firewall",))
    put = await environment.put_environment(hub, call(BODY, caller=ci, resource="devices"))
    assert (put.name, put.items, put.covers, put.changed_by) == ("devices", BODY.items, BODY.covers, "ci")
    assert await environment.get_environment(hub, call(resource="devices")) == put
    assert (await environment.list_environment(hub, call())).resources == [put]


async def test_what_can_not_be_kept_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strange name, too many, or a database that is away."""
    hub, double = guarded_hub()
    for name in ("a\nb", "a" * 201):
        with pytest.raises(ReplyError) as refused:
            await environment.put_environment(hub, call(BODY, resource=name))
        assert refused.value.code is ErrorCode.INVALID_COMMAND
    monkeypatch.setattr(environment, "MOST", 1)
    await environment.put_environment(hub, call(BODY, resource="one"))
    await environment.put_environment(hub, call(BODY, resource="one"))
    with pytest.raises(ReplyError, match="report one of those"):
        await environment.put_environment(hub, call(BODY, resource="two"))
    double.away = True
    with pytest.raises(ReplyError) as refused:
        await environment.put_environment(hub, call(BODY, resource="one"))
    assert refused.value.code is ErrorCode.UNAVAILABLE


async def test_what_nobody_reported_is_not_found() -> None:
    """And the answer says what to do."""
    hub, _ = guarded_hub()
    with pytest.raises(ReplyError, match="PUT it") as refused:
        await environment.get_environment(hub, call(resource="none"))
    assert refused.value.code is ErrorCode.NOT_FOUND
