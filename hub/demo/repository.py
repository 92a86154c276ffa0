"""A small Git repository of the demo's own, which gets a commit now and then."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Final

_FILES: Final = {
    "shop/__init__.py": "",
    "shop/orders.py": '''"""Orders."""

import os
import subprocess


def export(name):
    subprocess.call("tar czf " + name + ".tgz orders", shell=True)


def total(prices, seen=[]):
    seen.append(len(prices))
    return sum(prices)
''',
    "shop/tickets.py": '''"""Tickets."""

import hashlib
import random


def ticket(user):
    return hashlib.md5((user + str(random.random())).encode()).hexdigest()


def kind(age, member, staff, child, weekend, group):
    if staff:
        return "free"
    if child and age < 6:
        return "free"
    if child and member and weekend:
        return "half"
    if member and group and not weekend:
        return "reduced"
    if group and weekend or member and weekend:
        return "reduced"
    for limit, name in ((12, "child"), (18, "youth"), (65, "adult")):
        if age < limit:
            return name
    return "senior"
''',
}
"""A program with faults as they occur: what linters find in it is theirs to say."""

_IDENTITY: Final = ("-c", "user.name=Tocsin demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false")


class NoGit(Exception):
    """There is no Git on this machine."""


class Repository:
    """Made in `folder`, which must not be there.

    Attributes:
        commits: how many there are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commits = 0

    async def make(self) -> None:
        """Make it, with a first commit.

        Raises:
            NoGit: it can't be.
        """
        if shutil.which("git") is None:
            raise NoGit("git isn't installed")
        await asyncio.to_thread(_write, self.folder, _FILES)
        await self._git("init", "--quiet", "--initial-branch=main")
        await self.commit()

    async def commit(self) -> str:
        """Change something, commit it, and return the commit."""
        self.commits += 1
        # Each time another file is new, so that an analysis has something to do and much that it knows already.
        text = f'"""Change {self.commits}."""\n\nimport json\n\n\ndef change(value):\n    return eval(value)\n'
        await asyncio.to_thread(_write, self.folder, {f"shop/change_{self.commits}.py": text})
        await self._git("add", "--all")
        await self._git("commit", "--quiet", "--message", f"Change {self.commits}")
        return await self._git("rev-parse", "HEAD")

    async def _git(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *("git", "-C", str(self.folder), *_IDENTITY, *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"},
        )
        try:
            said, complaint = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            raise NoGit(f"git {words[0]}: {complaint.decode('utf-8', 'replace').strip()}")
        return said.decode().strip()


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
