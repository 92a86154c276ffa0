"""`tocsin serve`: what it says when a hub can't start. That it starts is shown in tests/integration."""

from __future__ import annotations

import argparse
import errno
import io
import socket
import ssl

import pytest

from hub.cli import serve
from hub.cli.exits import Exit, Failure
from hub.cli.serve import cannot_start
from hub.cli.terminal import Terminal
from hub.options import ServerOptions

BIND = "error while attempting to bind on address ('127.0.0.1', 80): no"


def failure(error: OSError, host: str = "127.0.0.1", tls_certificate: str = "") -> Failure:
    return cannot_start(error, ServerOptions(host=host, port=80, tls_certificate=tls_certificate))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EADDRINUSE, "127.0.0.1:80 is in use by another program; choose another with --port or server.port"),
        (errno.EACCES, "choose a port above 1023"),
        (errno.EADDRNOTAVAIL, "127.0.0.1 is no address of this machine"),
    ],
)
def test_an_address_that_can_not_be_had_is_told(number: int, words: str) -> None:
    """With what to change; TLS makes no difference."""
    for tls in ("", "cert.pem"):
        failed = failure(OSError(number, BIND), tls_certificate=tls)
        assert failed.code is Exit.UNREACHABLE
        assert words in failed.lines[0]


def test_a_host_without_an_address_is_told() -> None:
    """A name that can't be resolved."""
    failed = failure(socket.gaierror(socket.EAI_NONAME, "not known"), host="nowhere.invalid")
    assert (failed.code, "nowhere.invalid" in failed.lines[0]) == (Exit.UNREACHABLE, True)


def test_an_address_of_version_6_is_written_in_brackets() -> None:
    """So that the port can be told from it."""
    assert "[::1]:80 is in use" in failure(OSError(errno.EADDRINUSE, BIND), host="::1").lines[0]


@pytest.mark.parametrize(
    "error", [FileNotFoundError(errno.ENOENT, "No such file"), PermissionError(errno.EACCES, "no"), ssl.SSLError("bad")]
)
def test_a_certificate_that_can_not_be_used_is_a_matter_of_configuration(error: OSError) -> None:
    """Also when it is the permission to read it that is missing."""
    failed = failure(error, tls_certificate="cert.pem")
    assert (failed.code, "server.tls_certificate" in failed.lines[0]) == (Exit.USAGE, True)


def test_any_other_error_is_a_failure() -> None:
    """Told as it is."""
    assert failure(OSError(errno.EMFILE, "Too many open files")).code is Exit.FAILURE


@pytest.mark.parametrize(("workers", "words"), [("2", "Redis"), ("0", "expected 1"), ("-1", "expected 1")])
def test_several_processes_are_refused(workers: str, words: str) -> None:
    """Rather than started without a common channel."""
    parser = argparse.ArgumentParser()
    serve.configure(parser)
    with pytest.raises(Failure, match=words) as caught:
        serve.run(parser.parse_args([f"--workers={workers}"]), Terminal(io.StringIO(), io.StringIO()))
    assert caught.value.code is Exit.USAGE
