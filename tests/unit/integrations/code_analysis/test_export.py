"""Files where linters can read them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from integrations.code_analysis.export import configuration_of, exporting, neighbours
from integrations.code_analysis.git import Entry


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/a.py", "a.py"),
        ("-rf.py", "file.py"),
        ("a\nb.py", "file.py"),
        ("größe.YAML", "file.yaml"),
        ("bad\udcff.sh", "file.sh"),
        ("../../etc/x.py", "x.py"),
        (".bandit", "file"),
        ("pyproject.toml", "pyproject.toml"),
        ("a.py/..", "file"),
        ("x." + "y" * 300, "file"),
        ("x.a\nb", "file"),
    ],
)
async def test_names_are_harmless(path: str, name: str) -> None:
    """Each file is alone in a folder below ours, whatever it is called; the content is as it was."""
    async with exporting(own=False) as export:
        file = await export.put(path, b"content\xff")
        assert file.location.name == name
        assert export.place.cwd.parent in file.location.parents
        assert [each.name for each in file.location.parent.iterdir()] == [name]
        assert file.location.read_bytes() == b"content\xff"
        assert "\n" not in file.path


async def test_nothing_stays() -> None:
    """When it is done, when it fails, and when it is cancelled."""
    async with exporting(own=False) as export:
        folder = export.place.cwd.parent
        file = await export.put("a.py", b"1")
        await export.forget([file])
        assert not file.location.parent.exists()
    assert not folder.exists()

    begun: list[Path] = []

    async def work() -> None:
        async with exporting(own=True) as export:
            await export.put("a/b.py", b"1")
            begun.append(export.place.cwd.parent)
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    while not begun:  # noqa: ASYNC110 - a file is written in a thread
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not begun[0].exists()


async def test_with_its_own_configuration_a_repository_keeps_its_paths() -> None:
    """Beside empty neighbours; what can't be written so safely is put apart."""
    async with exporting(own=True) as export:
        await export.surround(["src/__init__.py", "src/a.py", "../evil.py", ".git/hooks/x.py", "a\nb.py"])
        file = await export.put("src/a.py", b"x")
        odd = [await export.put(path, b"x") for path in ("../up.py", ".git/config", "/etc/x.py", "a//b.py")]
        tree = export.place.cwd
        assert file.location == tree / "src" / "a.py"
        assert sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*.py")) == [
            "src/__init__.py",
            "src/a.py",
        ]
        assert all(tree not in each.location.parents for each in odd)
        assert (tree / "src" / "__init__.py").read_bytes() == b""


def test_a_configuration_has_a_hash() -> None:
    """It changes with each file that configures, and with the neighbours, and with nothing else."""
    files = [Entry("pyproject.toml", "1", 1), Entry("sub/ruff.toml", "2", 1), Entry("a.py", "3", 1)]
    configuring, digest = configuration_of(files)
    assert [entry.path for entry in configuring] == ["pyproject.toml", "sub/ruff.toml"]
    assert configuration_of([*files[:2], Entry("a.py", "9", 1)])[1] == digest
    assert configuration_of([*files, Entry("notes.txt", "4", 1)])[1] == digest
    assert configuration_of([*files, Entry("b.py", "4", 1)])[1] != digest
    assert configuration_of([Entry("pyproject.toml", "9", 1), *files[1:]])[1] != digest
    assert neighbours([*files, Entry("b.pyi", "5", 1)]) == ["a.py", "b.pyi"]
