"""`tocsin serve`: what it says when a hub can't start. That it starts is shown in tests/integration."""

from __future__ import annotations

import argparse
import errno
import io
import socket
import ssl
from pathlib import Path

import pytest

from hub.cli import serve
from hub.cli.exits import Exit, Failure
from hub.cli.serve import cannot_start
from hub.cli.terminal import Terminal
from hub.database.need import embedded_for
from hub.embedded.folder import StoreFailed
from hub.options import ServerOptions
from hub.settings import SettingsError
from hub.workers.slot import WorkerFailed
from tests.live import settings_for

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


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    serve.configure(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("4", 4), ("auto", 0)])
def test_the_number_of_processes(text: str, number: int) -> None:
    """Or as many as there are processors, which the option calls 0."""
    assert parsed(f"--workers={text}").workers == number


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_a_number_of_processes_that_makes_no_sense(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Is wrong usage."""
    with pytest.raises(SystemExit) as caught:
        parsed(f"--workers={text}")
    assert caught.value.code == Exit.USAGE
    assert "expected a number of processes from 1 on, or auto" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (StoreFailed("no room"), Exit.FAILURE, "no room"),
        (WorkerFailed(["channels: no", "auth: no"]), Exit.FAILURE, "auth: no"),
        (SettingsError(["channels: no"]), Exit.USAGE, "channels: no"),
        (OSError(errno.EADDRINUSE, BIND), Exit.UNREACHABLE, "is in use by another program"),
    ],
)
def test_what_keeps_workers_from_starting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, code: Exit, words: str
) -> None:
    """Is told as for one process."""

    async def supervise(*_: object) -> int:
        raise error

    monkeypatch.setattr(serve, "supervise", supervise)
    (tmp_path / "config.yaml").write_text("redis: {url: 'redis://127.0.0.1:1'}")
    with pytest.raises(Failure, match=words) as caught:
        serve.run(parsed("--workers=2", f"--config={tmp_path / 'config.yaml'}"), Terminal(io.StringIO(), io.StringIO()))
    assert caught.value.code is code


def test_what_the_supervisor_runs_for_its_workers(tmp_path: Path) -> None:
    """A Valkey and a PostgreSQL, each unless there is one of the operator's; the database only if it is wanted."""

    def stores(**options: object) -> set[str]:
        settings = settings_for(redis__embedded_dir=str(tmp_path), **options)
        return set(serve._stores(settings, embedded_for(settings, 2)))

    assert stores() == {"redis"}
    assert stores(database__embedded="always") == {"redis", "database"}
    assert stores(redis__url="redis://127.0.0.1:1", database__url="postgresql://127.0.0.1:1/hub") == set()
