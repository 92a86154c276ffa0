"""Reading Git repositories, hostile ones too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integrations.code_analysis.git import Entry, GitFailed, Repository, is_hash, is_ref, open_repository
from integrations.code_analysis.process import Bounds
from tests.unit.integrations.code_analysis.repositories import commit, git, make_repository

BOUNDS = Bounds()


async def opened(path: Path, *, below: bool = False) -> Repository:
    return await open_repository(path, BOUNDS, below=below)


async def tree(path: Path, ref: str = "HEAD") -> dict[str, Entry]:
    repository = await opened(path)
    return {entry.path: entry for entry in await repository.tree(await repository.resolve(ref))}


async def refusal(path: Path, ref: str) -> str:
    with pytest.raises(GitFailed) as caught:
        await (await opened(path)).resolve(ref)
    return str(caught.value)


@pytest.mark.parametrize("ref", ["main", "v1.0", "HEAD~3", "HEAD@{1}", "feature/x-y", "a" * 40, "origin/main^"])
def test_names_of_commits_are_refs(ref: str) -> None:
    """Branches, tags, hashes, and what is relative to them."""
    assert is_ref(ref)


@pytest.mark.parametrize(
    "ref", ["", "-x", "--upload-pack=evil", "a..b", ":/text", "a b", "a\nb", "a\0b", "main:file", "x" * 256, "größe"]
)
def test_options_ranges_and_searches_are_not(ref: str) -> None:
    """Nothing that Git could take for something else."""
    assert not is_ref(ref)


def test_whole_hashes_are_known() -> None:
    """SHA-1 and SHA-256."""
    assert is_hash("0" * 40)
    assert is_hash("f" * 64)
    assert not is_hash("0" * 39)
    assert not is_hash("main")


async def test_a_commit_is_found_by_each_of_its_names(tmp_path: Path) -> None:
    """Branch, tag, short and whole hash."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    whole = git(path, "rev-parse", "HEAD")
    git(path, "tag", "v1")
    git(path, "tag", "--annotate", "--message=m", "v2")
    repository = await opened(path)
    assert {await repository.resolve(ref) for ref in ("HEAD", "main", "v1", "v2", whole[:10], whole)} == {whole}


async def test_what_is_no_commit_is_refused(tmp_path: Path) -> None:
    """Saying what was asked for; never given to Git as an option."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    assert await refusal(path, "nope") == "there is no commit 'nope'"
    assert await refusal(path, git(path, "rev-parse", "HEAD:a.py")) != ""
    assert "expected a branch, tag or commit" in await refusal(path, "--git-dir=/")


async def test_an_empty_repository_says_so(tmp_path: Path) -> None:
    """No commit yet."""
    assert await refusal(make_repository(tmp_path / "r"), "HEAD") == "the repository has no commit yet"


async def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    """Also inside of one, unless that is asked for; and what isn't there."""
    path = make_repository(tmp_path / "r", {"sub/a.py": "1"})
    with pytest.raises(GitFailed, match="is not a Git repository"):
        await opened(path / "sub")
    assert (await opened(path / "sub", below=True)).path == path
    with pytest.raises(GitFailed, match="is not a folder"):
        await opened(tmp_path / "nope")


async def test_a_bare_repository_is_read(tmp_path: Path) -> None:
    """It has commits and no working tree."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    git(tmp_path, "clone", "--quiet", "--bare", str(path), "bare.git")
    assert list(await tree(tmp_path / "bare.git")) == ["a.py"]
    repository = await opened(tmp_path / "bare.git")
    assert repository.bare
    with pytest.raises(GitFailed, match="no working tree"):
        await repository.tracked()


async def test_names_may_be_anything(tmp_path: Path) -> None:
    """Line feeds, leading dashes, quotes, tabs, letters of any language, and what isn't UTF-8."""
    names = ["-rf.py", "a\nb.py", "größe ✓.py", 'quo"te.py', "tab\there.py", "$(touch evil).py", "bad\udcff.py"]
    path = make_repository(tmp_path / "r")
    for name in names:
        (path / name).write_text("x = 1\n")
    commit(path, {})
    entries = await tree(path)
    assert sorted(entries) == sorted(names)
    assert {entry.size for entry in entries.values()} == {6}


async def test_links_and_submodules_are_told_apart(tmp_path: Path) -> None:
    """They hold no content that may be looked at."""
    inner = make_repository(tmp_path / "inner", {"b.py": "1"})
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    os.symlink("/etc/passwd", path / "link.py")
    git(path, "submodule", "--quiet", "add", str(inner), "sub")
    commit(path, {})
    kinds = {name: entry.kind for name, entry in (await tree(path)).items()}
    assert kinds == {".gitmodules": "file", "a.py": "file", "link.py": "symlink", "sub": "submodule"}


async def test_blobs_are_read_one_after_the_other(tmp_path: Path) -> None:
    """Empty and binary ones, too; what isn't there is an error, and the next one comes all the same."""
    path = make_repository(tmp_path / "r", {"a": "", "b": b"\0\n\xff" * 100_000, "c": "text\n"})
    entries = await tree(path)
    async with (await opened(path)).blobs() as blobs:
        assert await blobs.read(entries["a"].blob) == b""
        assert await blobs.read(entries["b"].blob) == b"\0\n\xff" * 100_000
        with pytest.raises(GitFailed, match="lacks the object"):
            await blobs.read("0" * 40)
        assert await blobs.read(entries["c"].blob) == b"text\n"


async def test_a_repository_of_another_user_is_read(tmp_path: Path) -> None:
    """Git itself would refuse it; here the operator has named the folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    for place in (path, path / ".git"):
        os.chown(place, 12345, 12345)
    assert list(await tree(path)) == ["a.py"]


async def test_nothing_of_a_repository_runs(tmp_path: Path) -> None:
    """Hooks, file system monitors, pagers, filters, text conversions and the user's own configuration."""
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    evil.chmod(0o755)
    path = make_repository(tmp_path / "r", {"a.py": "1", ".gitattributes": "* filter=evil diff=evil\n"})
    for name in ("core.fsmonitor", "core.pager", "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv"):
        git(path, "config", name, str(evil))
    git(path, "config", "diff.external", str(evil))
    for hook in ("post-checkout", "reference-transaction", "pre-auto-gc", "post-index-change"):
        (path / ".git" / "hooks" / hook).write_text(evil.read_text())
        (path / ".git" / "hooks" / hook).chmod(0o755)
    repository = await opened(path)
    entries = await repository.tree(await repository.resolve("HEAD"))
    await repository.tracked()
    async with repository.blobs() as blobs:
        assert await blobs.read(entries[1].blob) == b"1"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("below", [False, True])
async def test_a_working_tree_elsewhere_is_refused(tmp_path: Path, below: bool) -> None:
    """A repository's own configuration may name any folder as its working tree."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    (tmp_path / "private").mkdir()
    git(path, "config", "core.worktree", str(tmp_path / "private"))
    with pytest.raises(GitFailed, match=r"lies elsewhere|not a Git repository|no working tree"):
        await opened(path, below=below)


async def test_an_absent_object_is_not_fetched_by_itself(tmp_path: Path) -> None:
    """A partial clone may name any program as the way to its other half."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    blob = git(path, "rev-parse", "HEAD:a.py")
    (path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for name, value in (
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::touch {tmp_path}/ran"),
        ("protocol.ext.allow", "always"),
    ):
        git(path, "config", name, value)
    async with (await opened(path)).blobs() as blobs:
        with pytest.raises(GitFailed):
            await blobs.read(blob)
    assert not (tmp_path / "ran").exists()


async def test_a_commit_is_fetched_from_origin(tmp_path: Path) -> None:
    """No ref of the repository's own moves, and no hook runs."""
    upstream = make_repository(tmp_path / "upstream", {"a.py": "1"})
    git(tmp_path, "clone", "--quiet", "--bare", str(upstream), "bare.git")
    new = commit(upstream, {"b.py": "2"})
    repository = await opened(tmp_path / "bare.git")
    before = git(tmp_path / "bare.git", "rev-parse", "main")
    with pytest.raises(GitFailed):
        await repository.resolve(new)
    await repository.fetch(new)
    assert await repository.resolve(new) == new
    assert git(tmp_path / "bare.git", "rev-parse", "main") == before


async def test_what_cannot_be_fetched_is_said(tmp_path: Path) -> None:
    """No origin, or one that names a program."""
    path = make_repository(tmp_path / "r", {"a.py": "1"})
    repository = await opened(path)
    with pytest.raises(GitFailed, match="origin can't be fetched from"):
        await repository.fetch("0" * 40)
    git(path, "remote", "add", "origin", f"ext::touch {tmp_path}/ran")
    with pytest.raises(GitFailed, match="origin can't be fetched from"):
        await repository.fetch("0" * 40)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(GitFailed, match="expected the whole hash"):
        await repository.fetch("--upload-pack=evil")
