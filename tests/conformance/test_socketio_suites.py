"""The cases of the public test suites of Engine.IO 4 and Socket.IO 5 (`docs/*-protocol/*-test-suite` in the repository
of Socket.IO), in their order and in our words: which test of ours has each, or why it doesn't apply here.

The second suite repeats handshakes, pings, closing and upgrades of the first one.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance import test_engineio_protocol as engineio
from tests.conformance import test_socketio_protocol as socketio

Case = tuple[str, Callable[..., object] | str]

BINARY = "the hub's data is JSON: binary packets are refused, see tests/integration/test_socketio.py"
NAMESPACES = "the hub has one namespace; that others are refused is test_another_namespace"

ENGINEIO: list[Case] = [
    ("handshake by polling", engineio.test_a_session_by_polls),
    ("no version, or another one, by polling", engineio.test_another_version),
    ("no transport, or another one, by polling", engineio.test_a_wrong_request),
    ("handshake by POST and PUT", engineio.test_a_wrong_request),
    ("handshake by WebSocket", engineio.test_a_session_by_websocket),
    ("no version, or another one, by WebSocket", engineio.test_a_websocket_that_asks_wrongly),
    ("no transport, or another one, by WebSocket", engineio.test_a_websocket_that_asks_wrongly),
    ("a packet of text by polling", engineio.test_packets_by_polls),
    ("several packets of text by polling", engineio.test_packets_by_polls),
    ("packets of text and binary ones by polling", BINARY),
    ("no packet by polling", engineio.test_what_is_no_packet_ends_the_session),
    ("two polls at once", engineio.test_two_polls_at_once_end_the_session),
    ("a poll that is given up", engineio.test_a_poll_that_is_given_up_ends_the_session),
    ("a packet of text by WebSocket", socketio.test_arguments_and_acknowledgements),
    ("a binary packet by WebSocket", BINARY),
    ("no packet by WebSocket", engineio.test_what_is_no_packet_ends_the_session),
    ("pings by polling", engineio.test_pings_by_polls),
    ("pings unanswered by polling", engineio.test_pings_by_polls),
    ("pings by WebSocket", engineio.test_pings_by_websocket),
    ("pings unanswered by WebSocket", engineio.test_pings_by_websocket),
    ("the client closes by polling", engineio.test_a_client_closes),
    ("the client closes by WebSocket", engineio.test_a_client_closes_its_websocket),
    ("from polling to a WebSocket", engineio.test_an_upgrade_loses_and_repeats_nothing),
    ("polls after that", engineio.test_who_has_gone_over_polls_no_more),
    ("another WebSocket after that", engineio.test_a_second_upgrade_is_closed),
]

SOCKETIO: list[Case] = [
    ("connect", socketio.test_connecting),
    ("connect with a payload", socketio.test_connecting),
    ("connect to another namespace", NAMESPACES),
    ("connect to another namespace with a payload", NAMESPACES),
    ("connect to a namespace that isn't there", socketio.test_another_namespace),
    ("connect with what is no packet", socketio.test_what_comes_before_connecting_ends_the_connection),
    ("not to connect", socketio.test_who_never_connects_is_closed),
    ("leave", socketio.test_leaving_the_namespace_ends_the_subscriptions),
    ("leave another namespace", NAMESPACES),
    ("an event", socketio.test_arguments_and_acknowledgements),
    ("an event with attachments", BINARY),
    ("an event with an acknowledgement", socketio.test_arguments_and_acknowledgements),
    ("an event with attachments and an acknowledgement", BINARY),
    ("a packet of no type", socketio.test_a_malformed_packet_ends_the_connection),
    ("an event that is no list", socketio.test_a_malformed_packet_ends_the_connection),
    ("an event with an id that is none", socketio.test_a_malformed_packet_ends_the_connection),
]


def test_no_case_is_missing() -> None:
    """Each has a test, or a reason; the numbers are those of the suites."""
    assert (len(ENGINEIO), len(SOCKETIO)) == (25, 16)
    for cases in (ENGINEIO, SOCKETIO):
        assert len({name for name, _ in cases}) == len(cases)
        assert all(isinstance(answer, str) or answer.__name__.startswith("test_") for _, answer in cases)
