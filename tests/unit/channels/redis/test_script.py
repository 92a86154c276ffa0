"""Scripts and calls of them, as they go over the wire."""

from __future__ import annotations

from hashlib import sha1

from agents.redis.queue import TAKE
from channels.redis.script import PUBLISH, READ, SCRIPTS, Call, Script


def test_a_call_is_an_evalsha_with_keys_and_arguments() -> None:
    """Numbers as text; any bytes."""
    digest = sha1(READ.source, usedforsecurity=False).hexdigest().encode()
    packed = Call(READ, (b"k1", b"k2"), (7, b"\r\n\x00")).packed()
    assert packed == (
        b"*7\r\n$7\r\nEVALSHA\r\n$40\r\n"
        + digest
        + b"\r\n$1\r\n2\r\n$2\r\nk1\r\n$2\r\nk2\r\n$1\r\n7\r\n$3\r\n\r\n\x00\r\n"
    )


def test_loading_sends_the_source() -> None:
    """As it stands in the file."""
    assert PUBLISH.load.startswith(b"*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n")
    assert PUBLISH.source in PUBLISH.load


def test_other_packages_have_scripts_of_their_own() -> None:
    """In the folder of the same name; they are not among those that every connection loads."""
    assert Script("queue_take", "agents.redis").digest == TAKE.digest
    assert TAKE not in SCRIPTS


def test_every_script_is_loaded_once() -> None:
    """On each connection."""
    assert PUBLISH in SCRIPTS
    assert len({script.digest for script in SCRIPTS}) == len(SCRIPTS)
