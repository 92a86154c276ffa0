"""Node's projects are installed and built when that is due, by the Node there is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.node_projects import ADMIN, CLIENT, Failed, Project, build, find_node, install_packages

NPM = """#!/bin/sh
echo "$@" >> npm.log
case "$1" in
  ci) mkdir -p node_modules; : > node_modules/.package-lock.json ;;
  run) [ -z "$BROKEN" ] && mkdir -p out && : > out/index.html ;;
esac
"""


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A folder with a Node that says its version, and an npm that does little and writes down what."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("node", "#!/bin/sh\necho v22.1.0\n"), ("npm", NPM)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that is neither installed nor built."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    for name in ("src/a.ts", "package.json", "package-lock.json"):
        (folder / name).write_text("{}")
    return Project(folder, folder / "out" / "index.html", ("src", "package.json"))


def asked(project: Project) -> list[str]:
    """What npm was told, by first words."""
    return [line.split()[0] for line in (project.folder / "npm.log").read_text().splitlines()]


def later(path: Path, than: Path) -> None:
    """Touch `path` a second after `than` was."""
    time = than.stat().st_mtime + 1
    os.utime(path, (time, time))


def test_nothing_is_done_twice(project: Project, node: Path) -> None:
    """Until what it is made of changes."""
    for _ in range(2):
        install_packages(project, node)
        build(project, node)
    assert asked(project) == ["ci", "run"]
    assert project.built is not None
    later(project.folder / "src" / "a.ts", than=project.built)
    build(project, node)
    assert asked(project) == ["ci", "run", "run"]
    later(project.folder / "package-lock.json", than=project.folder / "node_modules" / ".package-lock.json")
    assert not project.is_installed


def test_a_failure_is_told_in_a_line(project: Project, node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the project's name, and nothing counts as built."""
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(Failed, match=r"^npm run build failed in \S*project$"):
        build(project, node)
    assert not project.is_built


def test_node_is_found_on_the_path(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it is new enough, and npm is beside it or elsewhere on the path."""
    monkeypatch.setenv("PATH", str(node))
    assert find_node() == node
    (node / "node").write_text("#!/bin/sh\necho v18.19.1\n")
    assert find_node() is None
    (node / "node").write_text("#!/bin/sh\nexit 127\n")
    assert find_node() is None
    (node / "npm").unlink()
    assert find_node(f"/nowhere:{node}") is None


@pytest.mark.parametrize("project", [CLIENT, ADMIN], ids=lambda project: project.name)
def test_the_sources_are_there(project: Project) -> None:
    """A name that leads nowhere would fail each build."""
    assert [name for name in project.sources if not (project.folder / name).exists()] == []
