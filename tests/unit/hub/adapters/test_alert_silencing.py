"""Silences, in all processes. What they silence: test_alert_desk.py."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from integrations.system_monitor.silences import Silence
from tests.kit import rest
from tests.unit.hub.adapters.alarms import HubOfProcesses


async def test_silences_are_lifted_everywhere() -> None:
    """Those of the configuration, and those that aren't there, are refused."""
    hub = HubOfProcesses()
    fixed = Silence("config-0", {"name": "x"}, None, "configuration")
    one, two = hub.process("n-1", silences=[fixed]), hub.process("n-2", silences=[fixed])
    await one.silencing.make(Silence("s-1", {"name": "*"}, hub.clock.now() + 100.0, "alice"))
    await rest()
    assert len(two.book.silences(hub.clock.now())) == 2
    await two.silencing.lift("s-1")
    await rest()
    assert one.book.silences(hub.clock.now()) == [fixed]
    for name, code in (("s-1", ErrorCode.NOT_FOUND), ("config-0", ErrorCode.CONFLICT)):
        with pytest.raises(ReplyError) as refused:
            await one.silencing.lift(name)
        assert refused.value.code is code


async def test_silences_are_bounded() -> None:
    """One that isn't in force is not confirmed."""
    hub = HubOfProcesses(limit=1)
    one = hub.process("n-1")
    await one.silencing.make(Silence("s-1", {"name": "*"}, hub.clock.now() + 100.0, "alice"))
    with pytest.raises(ReplyError, match=r"alerts\.limit") as refused:
        await one.silencing.make(Silence("s-2", {"name": "*"}, hub.clock.now() + 100.0, "alice"))
    assert refused.value.code is ErrorCode.CONFLICT
