"""Where files come from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integrations.code_analysis.git import Entry, GitFailed, open_repository
from integrations.code_analysis.process import Bounds
from integrations.code_analysis.source import TreeSource, blob_of, open_source, working_tree
from tests.unit.integrations.code_analysis.repositories import commit, git, make_repository

BOUNDS = Bounds()


async def listed(path: Path, largest: int = 1000) -> dict[str, Entry]:
    entries = await working_tree(await open_repository(path, BOUNDS), largest)
    return {entry.path: entry for entry in entries}


def test_a_blob_has_the_hash_that_git_gives_it(tmp_path: Path) -> None:
    """So what was found in a commit is known in the working tree."""
    path = make_repository(tmp_path / "r", {"a.py": "x = 1\n"})
    assert blob_of(b"x = 1\n") == git(path, "rev-parse", "HEAD:a.py")


async def test_a_commit_is_read_whatever_lies_there(tmp_path: Path) -> None:
    """Out of Git's objects."""
    path = make_repository(tmp_path / "r", {"a.py": "committed"})
    (path / "a.py").write_text("changed")
    repository = await open_repository(path, BOUNDS)
    entries = await repository.tree("HEAD")
    async with open_source(repository, tree=False) as source:
        assert await source.read(entries[0]) == b"committed"


async def test_the_working_tree_is_what_would_be_committed(tmp_path: Path) -> None:
    """Changed and new files; not deleted or ignored ones."""
    path = make_repository(tmp_path / "r", {"a.py": "1", "gone.py": "1", ".gitignore": "*.log\n"})
    (path / "a.py").write_text("changed")
    (path / "new.py").write_text("new")
    (path / "x.log").write_text("ignored")
    (path / "gone.py").unlink()
    entries = await listed(path)
    assert set(entries) == {"a.py", "new.py", ".gitignore"}
    async with open_source(await open_repository(path, BOUNDS), tree=True) as source:
        assert await source.read(entries["a.py"]) == b"changed"


async def test_links_are_never_followed(tmp_path: Path) -> None:
    """Neither a file that is one, nor a folder on the way to a file."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.py").write_text("secret")
    path = make_repository(tmp_path / "r", {"sub/b.py": "1", "c.py": "1"})
    os.symlink(tmp_path / "outside" / "b.py", path / "link.py")
    (path / "sub" / "b.py").unlink()
    (path / "sub").rmdir()
    os.symlink(tmp_path / "outside", path / "sub")
    entries = await listed(path)
    assert entries["link.py"].kind == "symlink"
    assert "sub/b.py" not in entries
    assert entries["c.py"].kind == "file"
    with pytest.raises(GitFailed):
        await TreeSource(path).read(Entry("sub/b.py", blob_of(b"secret"), 6))


async def test_a_pipe_blocks_nobody(tmp_path: Path) -> None:
    """Only regular files are read."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    os.mkfifo(path / "pipe.py")
    assert set(await listed(path)) == {"a.py"}


async def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    """It is listed with its size, and without a hash."""
    path = make_repository(tmp_path / "r", {"a.py": "x" * 2000})
    assert (await listed(path))["a.py"] == Entry("a.py", "", 2000)


async def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    """Else what is found in it would be kept under another content's hash."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    entry = (await listed(path))["a.py"]
    (path / "a.py").write_text("2")
    with pytest.raises(GitFailed, match="changed while it was analysed"):
        await TreeSource(path).read(entry)


async def test_a_submodule_is_told(tmp_path: Path) -> None:
    """It is a folder where a file is expected."""
    inner = make_repository(tmp_path / "inner", {"b.py": "1"})
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    git(path, "submodule", "--quiet", "add", str(inner), "sub")
    commit(path, {})
    assert (await listed(path))["sub"].kind == "submodule"
