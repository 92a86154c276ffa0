"""Packets of Socket.IO 5, as a client sends them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.socketio.packets import Kind, Malformed, Packet, read


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        (b"0", Packet(Kind.CONNECT)),
        (b'0{"token":"123"}', Packet(Kind.CONNECT, data={"token": "123"})),
        (b"0/admin", Packet(Kind.CONNECT, "/admin")),
        (b'0/admin,{"a":1}', Packet(Kind.CONNECT, "/admin", data={"a": 1})),
        (b"0/admin?x=1,", Packet(Kind.CONNECT, "/admin")),
        (b"1", Packet(Kind.DISCONNECT)),
        (b"1/admin,", Packet(Kind.DISCONNECT, "/admin")),
        (b'2["hey",1,"2",{"3":[true]}]', Packet(Kind.EVENT, data=["hey", 1, "2", {"3": [True]}])),
        (b'212["hey"]', Packet(Kind.EVENT, ack=12, data=["hey"])),
        (b'2/admin,0["hey"]', Packet(Kind.EVENT, "/admin", 0, ["hey"])),
        (b'312["yes"]', Packet(Kind.ACK, ack=12, data=["yes"])),
        (
            b'52-7["hey",{"_placeholder":true,"num":0}]',
            Packet(Kind.BINARY_EVENT, ack=7, data=["hey", {"_placeholder": True, "num": 0}], attachments=2),
        ),
    ],
)
def test_packets(text: bytes, packet: Packet) -> None:
    """Type, attachments, namespace, acknowledgement and JSON, each only where it is."""
    assert read(text) == packet


@pytest.mark.parametrize(
    "text",
    [b"", b"abc", b"7", b"2", b"2{}", b"2[]", b"2[1]", b'2abc["hey"]', b"2[", b"0[]", b"0 1", b'1"x"', b"2[NaN]"],
)
def test_what_is_no_packet_is_refused(text: bytes) -> None:
    """An unknown type, JSON that is none, or JSON of another shape than the type has."""
    with pytest.raises(Malformed, match="expected"):
        read(text)


def test_an_event_has_a_name_and_arguments() -> None:
    """The list begins with the name."""
    assert read(b'2["subscribe",{"channel":"c"},2]').event == ("subscribe", [{"channel": "c"}, 2])


@given(st.binary(max_size=60))
def test_any_bytes_are_a_packet_or_refused(text: bytes) -> None:
    """Nothing else is raised."""
    try:
        packet = read(text)
    except Malformed:
        return
    assert packet.kind in Kind
