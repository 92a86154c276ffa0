"""The folder of the embedded Valkey."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.embedded.folder import StoreFailed
from hub.workers.folder import Folder, default_path


def test_it_names_the_option_to_change(tmp_path: Path) -> None:
    """In every complaint; and the socket is in it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match=r"can't be used for the embedded Valkey: .*redis\.embedded_dir"):
        Folder(tmp_path / "file" / "valkey").claim()
    assert Folder(tmp_path).socket == tmp_path / "valkey.sock"


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({}, "/home/me/.local/state/tocsin/valkey-8080"),
        ({"XDG_STATE_HOME": "/state"}, "/state/tocsin/valkey-8080"),
        ({"XDG_STATE_HOME": "relative"}, "/home/me/.local/state/tocsin/valkey-8080"),
        ({"STATE_DIRECTORY": "/var/lib/tocsin", "XDG_STATE_HOME": "/state"}, "/var/lib/tocsin/valkey-8080"),
        ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a/valkey-8080"),
    ],
)
def test_where_it_is(environment: dict[str, str], path: str) -> None:
    """The same for each start on a port."""
    assert default_path(8080, environment, Path("/home/me")) == Path(path)
