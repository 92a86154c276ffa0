"""Listening sockets: bound to every address of a host, and let go of without losing who waits in them."""

from __future__ import annotations

import errno
import socket
import time

import pytest

from hub import listening


def connect(port: int, host: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection((host, port), timeout=5)


def test_every_address_of_a_name_has_the_same_port() -> None:
    """Also when a free one is taken."""
    bound = listening.bind("localhost", 0)
    try:
        assert {each.getsockname()[0] for each in bound} <= {"127.0.0.1", "::1"}
        assert len({each.getsockname()[1] for each in bound}) == 1
    finally:
        listening.close(bound)


def test_a_port_can_be_shared_by_those_who_ask_for_it() -> None:
    """Connections go to those that listen, and never to one that only keeps the port."""
    (kept,) = listening.bind("127.0.0.1", 0, share_port=True)
    port = kept.getsockname()[1]
    (second,) = listening.bind("127.0.0.1", port, share_port=True)
    second.listen()
    try:
        for _ in range(20):
            connect(port).close()
        second.setblocking(False)
        taken = listening.take_waiting(second)
        listening.close(taken)
        assert len(taken) == 20
    finally:
        listening.close((kept, second))


def test_one_that_does_not_share_finds_the_port_taken() -> None:
    """As long as anybody listens; and then nothing is bound."""
    (other,) = listening.bind("127.0.0.1", 0, share_port=True)
    other.listen()
    port = other.getsockname()[1]
    try:
        with pytest.raises(OSError, match=r"bind on address.*: address already in use") as caught:
            listening.bind("127.0.0.1", port)
        assert caught.value.errno == errno.EADDRINUSE
    finally:
        listening.close((other,))
    listening.close(listening.bind("127.0.0.1", port))


def test_an_address_of_another_machine() -> None:
    """Can't be had."""
    with pytest.raises(OSError, match="bind on address") as caught:
        listening.bind("192.0.2.1", 0)
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_a_name_without_an_address() -> None:
    """Is told as such."""
    with pytest.raises(socket.gaierror):
        listening.bind("nowhere.invalid", 0)


def test_who_waits_in_the_queue_is_taken() -> None:
    """All of them, and none that comes later; what they have sent already is there to be read."""
    (listener,) = listening.bind("127.0.0.1", 0)
    listener.listen(16)
    listener.setblocking(False)
    port = listener.getsockname()[1]
    assert listening.take_waiting(listener) == []
    clients = [connect(port) for _ in range(5)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
    taken: list[socket.socket] = []
    until = time.monotonic() + 5
    while len(taken) < 5 and time.monotonic() < until:
        taken += listening.take_waiting(listener)
    listener.close()
    try:
        for each in taken:
            each.settimeout(5)
        assert sorted(each.recv(1) for each in taken) == [b"0", b"1", b"2", b"3", b"4"]
    finally:
        listening.close((*taken, *clients))
