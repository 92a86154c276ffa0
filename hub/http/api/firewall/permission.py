"""Who may do what with the error firewall, and what its refusals are called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from channels.errors import ErrorCode, ReplyError
from channels.model import Channels
from channels.policy import Operation, Principal
from hub.adapters.error_firewall import Firewall
from hub.http.api.endpoint import Hub
from integrations.error_firewall.overriding import OverrideRefused
from integrations.error_firewall.ports import Conflict, StoreUnavailable, UnknownEntry


async def firewall_for(hub: Hub, caller: Principal) -> Firewall:
    """Return the firewall to who may use it: operators, and who may publish on its channel.

    Raises:
        ReplyError: `permission_denied`; or `not_found`, when it is off.
    """
    if not caller.admin:
        await hub.engine.gate.require(caller, Operation.PUBLISH, channel=Channels.ERROR_FIREWALL)
    return firewall_of(hub)


def firewall_of(hub: Hub) -> Firewall:
    """Return the firewall.

    Raises:
        ReplyError: `not_found`, when it is off.
    """
    firewall = hub.adapters.error_firewall
    if firewall is None:
        raise ReplyError(ErrorCode.NOT_FOUND, "the error firewall is off; set error_firewall.enabled: true")
    return firewall


def require_override(firewall: Firewall, caller: Principal) -> None:
    """Refuse who may not let a blocked operation run.

    Raises:
        ReplyError: `permission_denied`.
    """
    if not caller.admin and caller.user not in firewall.options.overriders:
        message = "expected an operator, or a user named in error_firewall.overriders; ask one of them"
        raise ReplyError(ErrorCode.PERMISSION_DENIED, message)


def name_of(caller: Principal) -> str:
    """Return who is put down in the books. Never what the request says itself."""
    return caller.user or ("operator" if caller.admin else "anonymous")


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the firewall refuses into errors of the API.

    Raises:
        ReplyError: `not_found`, `conflict`, `unavailable`, `permission_denied` or `invalid_data`.
    """
    try:
        yield
    except UnknownEntry as error:
        raise ReplyError(ErrorCode.NOT_FOUND, str(error)) from None
    except Conflict as error:
        raise ReplyError(ErrorCode.CONFLICT, str(error)) from None
    except StoreUnavailable as error:
        raise ReplyError(ErrorCode.UNAVAILABLE, f"{error}; nothing was changed, try again in a moment") from None
    except OverrideRefused as error:
        raise ReplyError(ErrorCode.PERMISSION_DENIED, str(error)) from None
    except ValueError as error:  # too broad, contradicted, a rule that can't be read
        raise ReplyError(ErrorCode.INVALID_DATA, str(error)) from None
