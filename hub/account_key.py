"""The key of accounts on a hub without `auth.keys`: made at the first start, and the same for all its processes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from hub.database.embedded import default_path
from hub.options import KeyOptions, Settings

KEY_ID: Final = "accounts"
_BYTES: Final = 48


def account_key(
    settings: Settings, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> KeyOptions | None:
    """Return the key, made if it isn't there; `None` where `auth.keys` or no accounts make it needless.

    Raises:
        OSError: it can't be read or made.
    """
    if settings.auth.keys or not settings.agents.enabled:
        return None
    beside = default_path(settings.server.port, environment, home or Path.home())
    file = Path(settings.agents.key_file or beside.with_name(f"accounts-{settings.server.port}.key"))
    return KeyOptions(id=KEY_ID, secret=SecretStr(_read_or_make(file)))


def _read_or_make(file: Path) -> str:
    try:
        return _read(file)
    except FileNotFoundError:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Not named by the process id: in containers that share the folder each process may be the first.
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(8)}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(secrets.token_urlsafe(_BYTES))
    try:
        # A link is made only where nothing is: of two processes that start together, one makes the key of both.
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return _read(file)


def _read(file: Path) -> str:
    text = file.read_text(encoding="ascii").strip()
    if len(text) < 32:
        raise OSError(f"{file}: expected a key of at least 32 characters; move the file away, and a new one is made")
    return text
