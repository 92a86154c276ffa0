"""Connections over HTTP. With real connections: tests/integration/test_api.py."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.http.api.bodies import ConnectionsQuery, DisconnectBody, RevokeBody, SendBody
from hub.http.api.connections import delete_connection, disconnect, list_connections, revoke, send
from tests.unit.hub.http.api.calls import call, put_together


async def test_without_connections_the_list_is_empty() -> None:
    """Whatever is asked for."""
    hub = put_together()
    for query in (ConnectionsQuery(), ConnectionsQuery(client_id="x"), ConnectionsQuery(channel="system_alerts")):
        answer = await list_connections(hub, call(query=query))
        assert (answer.connections, answer.total) == ([], 0)


async def test_an_unknown_session_is_not_found() -> None:
    """Deleting a connection that isn't there says so."""
    with pytest.raises(ReplyError) as refused:
        await delete_connection(put_together(), call(session="s-1"))
    assert refused.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("whom", [{"client_id": "x"}, {"user": "x"}, {"session": "x"}])
async def test_nobody_to_disconnect_is_no_error(whom: dict[str, str]) -> None:
    """The caller wants them gone, and they are."""
    assert (await disconnect(put_together(), call(DisconnectBody(**whom)))).disconnected == 0  # type: ignore[arg-type]


async def test_a_message_to_nobody_is_not_found() -> None:
    """An unknown client id is reported."""
    with pytest.raises(ReplyError) as refused:
        await send(put_together(), call(SendBody(client_id="x", type="note", data=1)))
    assert refused.value.code is ErrorCode.NOT_FOUND


async def test_tokens_are_revoked() -> None:
    """One by its id, or all of a user."""
    hub = put_together()
    await revoke(hub, call(RevokeBody(token_id="t1")))
    await revoke(hub, call(RevokeBody(user="alice")))
    assert hub.revocations.is_revoked(Principal("bob", "t1", issued=1.0))
    assert hub.revocations.is_revoked(Principal("alice", "t2", issued=1.0))
    assert not hub.revocations.is_revoked(Principal("bob", "t2", issued=1.0))
