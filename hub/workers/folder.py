"""The folder of the Valkey that the supervisor runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hub.embedded.folder import Kind, PrivateFolder, state_folder

KIND = Kind("Valkey", "valkey", "valkey.sock", "redis.embedded_dir", "redis.url for both to share one Redis")


class Folder(PrivateFolder):
    """Holds Valkey's data, log and socket.

    Args:
        path: made, with its parents, when it isn't there.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, KIND)


def default_path(port: int, environment: Mapping[str, str], home: Path) -> Path:
    """Return the folder for the hub on `port`: a second start on the same port finds the data of the first.

    systemd's `StateDirectory=` counts, then `$XDG_STATE_HOME`, then `~/.local/state`.
    """
    return state_folder(environment, home) / f"valkey-{port}"
