"""Who may do what with the error firewall."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Principal
from hub.auth import OPERATOR
from hub.http.api.firewall.permission import firewall_for, firewall_of, in_words, name_of, require_override
from integrations.error_firewall.overriding import OverrideRefused
from integrations.error_firewall.ports import Conflict, StoreUnavailable, UnknownEntry
from tests.kit import principal
from tests.unit.hub.http.api.calls import put_together
from tests.unit.hub.http.api.firewall.memory_firewall import guarded_hub


async def test_who_may_publish_may_use_it() -> None:
    """And operators."""
    hub, double = guarded_hub()
    for caller in (OPERATOR, principal("ci", publish=("error_firewall",))):
        assert await firewall_for(hub, caller) is double  # type: ignore[comparison-overlap]
    for caller in (ANONYMOUS, principal("eve", publish=("system_alerts",), subscribe=("*",))):
        with pytest.raises(ReplyError) as refused:
            await firewall_for(hub, caller)
        assert refused.value.code is ErrorCode.PERMISSION_DENIED


async def test_one_that_is_off_is_not_found() -> None:
    """But who may not use it isn't told whether it is on."""
    hub = put_together()
    with pytest.raises(ReplyError, match=r"set error_firewall\.enabled: true") as refused:
        firewall_of(hub)
    assert refused.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(ReplyError, match="may not publish"):
        await firewall_for(hub, Principal("eve"))


async def test_few_may_override() -> None:
    """Operators, and users that the configuration names."""
    _, double = guarded_hub(overriders=("olga",))
    require_override(double, OPERATOR)  # type: ignore[arg-type]
    require_override(double, Principal("olga"))  # type: ignore[arg-type]
    for caller in (ANONYMOUS, principal("ci", publish=("error_firewall",))):
        with pytest.raises(ReplyError, match=r"error_firewall\.overriders"):
            require_override(double, caller)  # type: ignore[arg-type]


def test_everybody_has_a_name_in_the_books() -> None:
    """The token's, or what the caller is."""
    assert name_of(Principal("alice", admin=True)) == "alice"
    assert name_of(OPERATOR) == "operator"
    assert name_of(ANONYMOUS) == "anonymous"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownEntry("x"), ErrorCode.NOT_FOUND),
        (Conflict("x"), ErrorCode.CONFLICT),
        (StoreUnavailable("x"), ErrorCode.UNAVAILABLE),
        (OverrideRefused("x"), ErrorCode.PERMISSION_DENIED),
        (ValueError("x"), ErrorCode.INVALID_DATA),
    ],
)
def test_refusals_become_errors(error: Exception, code: ErrorCode) -> None:
    """With the firewall's own words; anything else is a fault, and stays one."""
    with pytest.raises(ReplyError, match="x") as refused, in_words():
        raise error
    assert refused.value.code is code
    with pytest.raises(ZeroDivisionError), in_words():
        raise ZeroDivisionError
