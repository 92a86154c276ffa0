"""Reading Git repositories that nobody vouches for: one commit's files, by hash.

Git runs without the system's and the user's configuration, without hooks, pagers, prompts, replacement objects and file
system monitors, and with every transport off but for `fetch`. Names come and go between NUL bytes. Only commands that
read objects are used, none that looks at attributes or filters.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from integrations.code_analysis.process import Bounds, Done, ProcessFailed, end, run, start

_REF: Final = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_./@{}~^+=#%,!-]{0,254}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_SYMLINK, _SUBMODULE = "120000", "160000"
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
}
_SETTINGS: Final = (
    "safe.directory=*",  # ours is asked for by name, or lies under a folder that the operator named
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.quotePath=false",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
)
_TRANSPORTS: Final = ("https", "ssh", "file", "git", "http")
_FETCHED: Final = "+refs/heads/*:refs/tocsin/heads/*"
"""Where fetched branches go: no ref of the repository's own moves."""


class GitFailed(Exception):
    """The repository, or what was asked of it, can't be read; the message is for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a commit.

    Attributes:
        path: from the top, as bytes that are text wherever they are UTF-8 (`surrogateescape`).
        kind: `file`, `symlink` or `submodule`.
        size: bytes.
    """

    path: str
    blob: str
    size: int
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on this machine.

    Attributes:
        path: what Git is run in: the top of the working tree, or the bare repository.
        git_dir: where its objects are; what tells it from others.
        bare: it has no working tree.
    """

    path: Path
    git_dir: Path
    bare: bool
    bounds: Bounds

    async def resolve(self, ref: str) -> str:
        """Return the commit that `ref` means now.

        Raises:
            GitFailed: no such ref, none that may be asked for, or no commit yet.
        """
        if not is_ref(ref):
            raise GitFailed(f"expected a branch, tag or commit; came {ref[:80]!r}")
        done = await self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        commit = done.output.decode(errors="replace").strip()
        if done.code or not _HASH.fullmatch(commit):
            if ref == "HEAD":
                raise GitFailed("the repository has no commit yet")
            raise GitFailed(f"there is no commit {ref[:80]!r}")
        return commit

    async def tree(self, commit: str) -> list[Entry]:
        """List all files of a commit, in Git's order."""
        done = await self._git("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
        _require(done, "the files can't be listed")
        return [_entry(row) for row in done.output.split(b"\0") if row]

    async def tracked(self) -> list[str]:
        """List the files of the working tree: those that Git knows, and new ones that it isn't told to ignore."""
        if self.bare:
            raise GitFailed("a bare repository has no working tree")
        names = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        done = await self._git(*names)
        _require(done, "the working tree can't be listed")
        return [row.decode("utf-8", "surrogateescape") for row in done.output.split(b"\0") if row]

    async def fetch(self, commit: str) -> None:
        """Get a commit from `origin`. Uses the repository's own configuration for how to get there.

        Raises:
            GitFailed: it can't be had.
        """
        if not _HASH.fullmatch(commit):
            raise GitFailed(f"expected the whole hash of a commit to fetch; came {commit[:80]!r}")
        common = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--end-of-options")
        first = await self._git("fetch", *common, "origin", commit, transports=True)
        if first.code:  # not every server hands out commits by their hash
            done = await self._git("fetch", *common, "origin", _FETCHED, transports=True)
            _require(done, "origin can't be fetched from")

    @asynccontextmanager
    async def blobs(self) -> AsyncIterator[Blobs]:
        """Open a reader of files, for as long as the context lasts."""
        command = _command(self.path, ("cat-file", "--batch"), transports=False)
        process = await start(command, cwd=self.path, environment=_all(self.path), stdin=True)
        try:
            yield Blobs(process, self.bounds.seconds)
        finally:
            await end(process)

    async def _git(self, *arguments: str, transports: bool = False) -> Done:
        return await _run(self.path, arguments, self.bounds, transports=transports)


class Blobs:
    """Reads files by their hash, one after the other."""

    def __init__(self, process: asyncio.subprocess.Process, seconds: float) -> None:
        self._process = process
        self._seconds = seconds

    async def read(self, blob: str) -> bytes:
        """Return a file's content.

        Raises:
            GitFailed: it is not there, or Git says nothing.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(self._seconds):
                self._process.stdin.write(f"{blob}\n".encode())
                await self._process.stdin.drain()
                head = (await self._process.stdout.readline()).decode().split()
                if len(head) != 3 or head[1] != "blob":
                    raise GitFailed(f"the repository lacks the object {blob}")
                content = await self._process.stdout.readexactly(int(head[2]) + 1)
        except (OSError, asyncio.IncompleteReadError):
            raise GitFailed(f"Git ended while it read {blob}") from None
        except TimeoutError:
            raise GitFailed(f"Git took longer than {self._seconds:g} s to read {blob}") from None
        return content[:-1]


def is_hash(text: str) -> bool:
    """Tell whether `text` is the whole hash of an object."""
    return bool(_HASH.fullmatch(text))


def is_ref(text: str) -> bool:
    """Tell whether `text` may be given to Git as a name of a commit: never as an option, a range or a search."""
    return bool(_REF.fullmatch(text)) and ".." not in text


async def open_repository(path: Path, bounds: Bounds, *, below: bool = False) -> Repository:
    """Look at a repository.

    Args:
        below: `path` may also be a folder inside a working tree.

    Raises:
        GitFailed: there is none, or no Git.
    """
    if not await asyncio.to_thread(path.is_dir):
        raise GitFailed(f"{path} is not a folder")
    wanted = ("rev-parse", "--is-bare-repository", "--absolute-git-dir")
    done = await _run(path, wanted, bounds, ceiling=None if below else path.parent)
    lines = done.output.decode("utf-8", "surrogateescape").splitlines()
    if done.code or len(lines) != 2:
        raise GitFailed(f"{path} is not a Git repository")
    repository = Repository(path, Path(lines[1]), lines[0] == "true", bounds)
    if repository.bare:
        return replace(repository, path=repository.git_dir)
    top = await _run(path, ("rev-parse", "--show-toplevel"), bounds, ceiling=None if below else path.parent)
    _require(top, f"{path} has no working tree")
    place = Path(top.output.decode("utf-8", "surrogateescape").rstrip("\n"))
    if not await asyncio.to_thread(_is_inside, path, place, below=below):
        raise GitFailed(f"the working tree of {path} lies elsewhere (core.worktree)")
    return replace(repository, path=place)


def _is_inside(path: Path, top: Path, *, below: bool) -> bool:
    """Tell whether a working tree is where it was asked for: its repository's configuration may name any folder."""
    path, top = path.resolve(), top.resolve()
    return path == top or (below and top in path.parents)


async def _run(
    path: Path,
    arguments: Sequence[str],
    bounds: Bounds,
    *,
    transports: bool = False,
    ceiling: Path | None = None,
) -> Done:
    more = {**_ENVIRONMENT, **({} if ceiling is None else {"GIT_CEILING_DIRECTORIES": str(ceiling)})}
    try:
        return await run(_command(path, arguments, transports=transports), cwd=path, bounds=bounds, environment=more)
    except ProcessFailed as error:
        raise GitFailed(str(error)) from None


def _command(path: Path, arguments: Sequence[str], *, transports: bool) -> list[str]:
    git = shutil.which("git")
    if git is None:
        raise GitFailed("git is not installed, or not on the PATH")
    protocols = ["protocol.allow=never", "protocol.ext.allow=never"]
    if transports:
        protocols += [f"protocol.{name}.allow=always" for name in _TRANSPORTS]
    given = [part for setting in (*_SETTINGS, *protocols) for part in ("-c", setting)]
    return [git, "-C", str(path), "--no-pager", "--no-replace-objects", *given, *arguments]


def _all(path: Path) -> dict[str, str]:
    # What `process.run` would give it; this one lives longer than one answer.
    git = shutil.which("git") or ""
    return {"PATH": str(Path(git).parent), "HOME": str(path), "LC_ALL": "C.UTF-8", **_ENVIRONMENT}


def _require(done: Done, what: str) -> None:
    if done.code:
        raise GitFailed(f"{what}: {done.complaint()}")


def _entry(row: bytes) -> Entry:
    head, _, name = row.partition(b"\t")
    mode, _kind, blob, size = head.decode().split()
    path = name.decode("utf-8", "surrogateescape")
    kind = {_SYMLINK: "symlink", _SUBMODULE: "submodule"}.get(mode, "file")
    return Entry(path, blob, 0 if size == "-" else int(size), kind)
