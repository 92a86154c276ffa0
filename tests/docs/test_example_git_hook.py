"""The hook `examples/git_post_receive.py` in a real repository: who pushes is told of it by the hub."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

from channels.model import START
from tests.docs.pages import ROOT
from tests.live import running, with_keys

SECRET = "a secret of thirty-two bytes or more"


def git(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    named = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder), **environment}
    who = ("-c", "user.name=Alice", "-c", "user.email=alice@example.com", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, env={**os.environ, **named}, capture_output=True, text=True, check=True
    )


async def test_a_push_is_told(tmp_path: Path) -> None:
    """Its commits reach who wrote them; a hub that is away refuses no push."""
    settings = with_keys(
        webhooks__gitea={"enabled": True, "secret": SECRET}, webhooks__users={"alice@example.com": "alice"}
    )
    bare, work = tmp_path / "shop.git", tmp_path / "work"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    git(tmp_path, "init", "--quiet", str(work))
    hook = shutil.copy(ROOT / "examples" / "git_post_receive.py", bare / "hooks" / "post-receive")
    os.chmod(hook, 0o700)

    def push(url: str, subject: str) -> str:
        git(work, "commit", "--quiet", "--allow-empty", "-m", subject)
        environment = {"TOCSIN_URL": url, "TOCSIN_GITEA_SECRET": SECRET}
        return git(work, "push", "--quiet", str(bare), "HEAD:main", **environment).stderr

    async with running(settings) as live:
        for subject in ("Sell umbrellas", "Sell more of them"):
            assert f"told {live.url}: 200" in await asyncio.to_thread(push, live.url, subject)
        found = await live.hub.engine.history("user:alice", None, START, 10)
    assert [each.type for each in found.publications] == ["code_push", "code_push"]
    assert b"Sell umbrellas" in found.publications[0].data
    assert b"Sell more of them" in found.publications[1].data
    assert b"umbrellas" not in found.publications[1].data
    assert "not told" in await asyncio.to_thread(push, live.url, "Nobody hears of it")
