"""The key of accounts on an open hub: one for all processes, kept, and nobody else's to read."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from hub.account_key import KEY_ID, account_key
from hub.options import KeyOptions
from tests.live import settings_for, with_keys


def key_of(folder: Path, **options: Any) -> KeyOptions | None:
    settings = settings_for(agents__enabled=True, agents__key_file=str(folder / "deep" / "key"), **options)
    return account_key(settings, {}, folder)


def secret(key: KeyOptions | None) -> str:
    assert key is not None
    return key.secret.get_secret_value()


def test_it_is_made_once(tmp_path: Path) -> None:
    """At the first start, readable for its owner alone; the next start finds it."""
    key = key_of(tmp_path)
    assert key is not None
    assert key.id == KEY_ID
    assert len(secret(key)) == 64
    file = tmp_path / "deep" / "key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert secret(key_of(tmp_path)) == secret(key)
    assert [each.name for each in file.parent.iterdir()] == ["key"]
    assert secret(key) not in repr(key)


def test_processes_that_start_together_have_the_same(tmp_path: Path) -> None:
    """Whoever makes it first."""
    found: list[str] = []
    barrier = threading.Barrier(8)

    def start(number: int) -> None:
        barrier.wait()
        found.append(secret(key_of(tmp_path)))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_where_none_is_needed_none_is_made(tmp_path: Path) -> None:
    """With keys in the configuration, or without accounts."""
    file = str(tmp_path / "key")
    assert account_key(with_keys(agents__enabled=True, agents__key_file=file), {}, tmp_path) is None
    assert account_key(settings_for(agents__key_file=file), {}, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_it_is_beside_the_embedded_database(tmp_path: Path) -> None:
    """Each port has its own: two hubs of a machine don't take each other's tokens."""
    for port in (7001, 7002):
        account_key(settings_for(agents__enabled=True, server__port=port), {"STATE_DIRECTORY": str(tmp_path)}, tmp_path)
    files = sorted(tmp_path.rglob("accounts-*.key"))
    assert [each.name for each in files] == ["accounts-7001.key", "accounts-7002.key"]
    assert files[0].read_text() != files[1].read_text()


def test_a_file_that_holds_no_key(tmp_path: Path) -> None:
    """Is refused, and what to do is said: a short key could be guessed."""
    file = tmp_path / "deep" / "key"
    file.parent.mkdir()
    file.write_text("short")
    with pytest.raises(OSError, match="expected a key of at least 32 characters; move the file away"):
        key_of(tmp_path)
