"""The list of peers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import catalog
from benchmarks.catalog import C_LOOP, NAIVE, PEERS, TOCSIN, Peer, Place
from benchmarks.workshop import HERE, Absent, Workshop


class _Everything(Workshop):
    """A workshop in which everything is there, without making it."""

    def program(self, name: str) -> Path:
        return self.directory / name

    def python(self) -> Path:
        return self.directory / "python"

    def node(self) -> Path:
        return HERE / "node"

    def tool(self, name: str) -> Path:
        return self.directory / name


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    (tmp_path / "ngx_nchan_module.so").touch()
    monkeypatch.setattr(catalog, "NCHAN_MODULES", (tmp_path,))
    monkeypatch.setattr(catalog, "_tocsin_executable", lambda: tmp_path / "tocsin")
    return Place(4001, 4002, tmp_path)


def test_names_are_unique_and_the_baselines_are_there() -> None:
    names = [peer.name for peer in PEERS]
    assert len(set(names)) == len(names)
    assert {TOCSIN, C_LOOP, NAIVE} <= set(names)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_command_names_the_port_and_files_that_are_there(peer: Peer, place: Place) -> None:
    command = peer.command(_Everything(place.directory, print), place)
    written = " ".join(command.argv)
    files = [Path(word) for word in command.argv if word.endswith((".py", ".js", ".conf", ".json"))]
    texts = [path.read_text() for path in files if path.is_relative_to(place.directory)]
    assert all(path.is_file() for path in files)
    assert "4001" in written or any("4001" in text for text in texts)
    assert not any(re.search(r"@[a-z]+@", text) for text in texts)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_published_message_is_json(peer: Peer) -> None:
    message = json.loads(f'{peer.client.prefix}{{"seq":1,"sent":2,"pad":""}}{peer.client.suffix}')
    assert message["data"] == {"seq": 1, "sent": 2, "pad": ""}


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_the_frames_to_skip_are_known_when_a_client_says_something_first(peer: Peer) -> None:
    assert bool(peer.client.hellos) == bool(peer.client.skip)


def test_nchan_without_its_module_is_absent(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "NCHAN_MODULES", (place.directory / "elsewhere",))
    nchan = next(peer for peer in PEERS if peer.name == "nchan")
    with pytest.raises(Absent, match=r"ngx_nchan_module\.so isn't in"):
        nchan.version(_Everything(place.directory, print))
