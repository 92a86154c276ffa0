"""Runs a page's snippets against a real hub, as a reader would: only the hub's address is put in."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
import structlog.testing
import yaml

from hub.options import Settings
from hub.settings import Source, load
from tests.docs.pages import ROOT, Fence, Page
from tests.live import QUIET, LiveHub
from tests.needs import NODE_PROJECT

ADDRESS = "127.0.0.1:8080"
"""Where a hub listens on the pages."""

TIME = 20.0
"""Seconds that one snippet may take."""

RUNS: Mapping[str, Callable[[Fence], bool]] = {
    "python": lambda fence: not fence.marked("tests") and not fence.marked("example"),
    "sh": lambda fence: fence.marked("run"),
    "js": lambda fence: fence.marked("run"),
}
"""Which fences are run, by language."""


def is_run(fence: Fence) -> bool:
    """Tell whether `Snippets` runs it."""
    runs = RUNS.get(fence.language)
    return runs is not None and runs(fence)


def outputs(page: Page) -> dict[Fence, Fence]:
    """What each snippet of a page is said to print."""
    pairs = zip(page.fences, page.fences[1:], strict=False)
    return {snippet: output for snippet, output in pairs if output.marked("output")}


_FILES = ("tls_ca", "tls_certificate", "tls_key")


def settings_of(page: Page, secrets: Path) -> Settings:
    """Make settings of all that the page's `yaml hub` fences say."""
    text = [fence.text for fence in page.fences if fence.language == "yaml" and fence.marked("hub")]
    return settings_from(text, secrets, QUIET)


def settings_from(texts: Sequence[str], folder: Path, overrides: Mapping[str, Any]) -> Settings:
    """Read configuration as a hub does; files that a text names are made.

    Raises:
        hub.settings.SettingsError: it can't be used.
    """
    tree: dict[str, Any] = {}
    for text in texts:
        _merge(tree, yaml.safe_load(text))
    for key in tree.get("auth", {}).get("keys", ()):
        secret = folder / Path(key["secret_file"]).name
        secret.write_text("a secret for tests, which has more than 32 bytes", encoding="utf-8")
        key["secret_file"] = str(secret)
    _make_files({name: section for name, section in tree.items() if name != "auth"}, folder)
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return load(Source(file, {}), overrides)


def _make_files(section: dict[str, Any], folder: Path) -> None:
    """Make the files that a section, and the sections in it, name."""
    for name, value in list(section.items()):
        if isinstance(value, dict):
            _make_files(value, folder)
        elif name.endswith("_file") or name in _FILES:
            made = folder / Path(value).name
            made.write_text("something that only has to be there", encoding="utf-8")
            section[name] = str(made)


def _merge(tree: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(tree.get(name), dict):
            _merge(tree[name], value)
        else:
            tree[name] = value


class Snippets:
    """Runs the snippets of one page. Those in Python share their names, as on a page that is read from the top.

    Args:
        folder: where programs run, and where their files go.
    """

    def __init__(self, live: LiveHub, folder: Path) -> None:
        self._live = live
        self._folder = folder
        self._names: dict[str, Any] = {"hub": live.hub, "__name__": "snippet"}

    async def run(self, fence: Fence) -> str:
        """Run a snippet; return what it printed. Fails when the snippet does."""
        text = fence.text.replace(ADDRESS, f"127.0.0.1:{self._live.port}")
        async with asyncio.timeout(TIME):
            match fence.language:
                case "python" if not fence.marked("script"):
                    # Line numbers of tracebacks are those of the page.
                    return await self._run_here("\n" * fence.line + text, fence.page)
                case "python":
                    return await self.program(sys.executable, "-W", "error", self._file(text, ".py"))
                case "js":
                    return await self.node(text)
                case _:
                    return await self.program("bash", "-euo", "pipefail", self._file(text, ".sh"))

    async def _run_here(self, text: str, name: str) -> str:
        printed = io.StringIO()
        code = compile(text, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        with contextlib.redirect_stdout(printed), structlog.testing.capture_logs():
            result = eval(code, self._names)  # noqa: S307 - that is what a page is for
            if inspect.isawaitable(result):
                await result
        return printed.getvalue()

    def _file(self, text: str, suffix: str) -> str:
        file = self._folder / f"snippet{suffix}"
        file.write_text(text, encoding="utf-8")
        return str(file)

    async def node(self, text: str) -> str:
        """Run a module in Node, with a browser's `WebSocket`."""
        prelude = f"globalThis.WebSocket ??= require({str(NODE_PROJECT / 'node_modules' / 'ws')!r});"
        return await self.program("node", "--require", self._file(prelude, ".cjs"), self._file(text, ".mjs"))

    async def program(self, *command: str) -> str:
        """Run a program; return what it printed. Fails unless it ends with 0."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self._folder,
            env=environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await process.communicate()
        except BaseException:
            process.kill()
            await process.wait()
            raise
        assert process.returncode == 0, f"{command[0]} ended with {process.returncode}:\n{err.decode()}{out.decode()}"
        return out.decode()


def environment() -> dict[str, str]:
    """The environment of a reader who has just installed the project."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}


def matches(expected: str, printed: str) -> bool:
    """Compare what is said to be printed with what was; `...` stands for anything within a line, and alone on a line
    for any lines. JSON may be wrapped: any white space is as good as any other."""
    parts = re.split(r"(\.\.\.|\s+)", expected.strip())
    pattern = "".join(".*?" if part == "..." else r"\s*" if part.isspace() else re.escape(part) for part in parts)
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
