"""One analysis from its beginning to its end, on real repositories."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from integrations.code_analysis.analysis import Limits, Request, analyse
from integrations.code_analysis.comparison import Comparison
from integrations.code_analysis.git import GitFailed
from integrations.code_analysis.linter import Linter
from integrations.code_analysis.linters.catalog import LINTERS, make_linters
from integrations.code_analysis.process import Bounds
from integrations.code_analysis.report import Report
from integrations.code_analysis.roots import Outside, Roots
from integrations.code_analysis.selection import BINARY, OVER_SIZE
from integrations.code_analysis.store import Store
from tests.unit.integrations.code_analysis.repositories import (
    Notes,
    WordLinter,
    commit,
    git,
    make_repository,
    make_store,
)


def is_there(folder: Path) -> bool:
    return folder.exists()


class Bench:
    """Analyses one repository again and again, with a linter that counts what it is asked."""

    def __init__(self, path: Path, store: Store) -> None:
        self.path = path
        self.linter = WordLinter()
        self.store = store
        self.notes = Notes()

    async def __call__(
        self, *, linters: Sequence[Linter] | None = None, limits: Limits | None = None, **request: Any
    ) -> Report:
        self.notes = Notes()
        return await analyse(
            Request(**{"path": self.path, **request}),
            [self.linter] if linters is None else linters,
            self.store,
            limits or Limits(),
            self.notes,
        )

    def newness(self) -> dict[str, bool | None]:
        return {f"{finding.path}:{finding.line}": is_new for finding, is_new in self.notes.findings}


@pytest.fixture
async def bench(tmp_path: Path) -> Any:
    """A bench on a repository with three files."""
    files = {"a.txt": "good\nbad\n", "b.txt": "good\n", "sub/c.txt": "bad\n", "notes.md": "bad\n"}
    bench = Bench(make_repository(tmp_path / "r", files), make_store())
    yield bench
    await bench.store.close()


async def test_a_first_run_finds_all(bench: Bench) -> None:
    """In all files of the commit that a linter takes; there is nothing to compare with."""
    report = await bench()
    assert bench.linter.asked == [["a.txt", "b.txt", "sub/c.txt"]]
    assert [(finding.path, finding.line) for finding in report.findings] == [("a.txt", 2), ("sub/c.txt", 1)]
    assert (report.files, report.done, report.cached, report.total) == (3, 3, 0, 2)
    assert report.commit == git(bench.path, "rev-parse", "HEAD")
    assert dict(report.skipped) == {"no linter for it": 1}
    assert report.comparison is None
    assert bench.newness() == {"a.txt:2": None, "sub/c.txt:1": None}
    assert bench.notes.starts == [(report.commit, 3)]


async def test_the_next_commit_costs_what_it_changes(bench: Bench) -> None:
    """Only its blobs are read; what is new, fixed and unchanged is told."""
    first = await bench()
    bench.linter.asked.clear()
    commit(bench.path, {"a.txt": "x\ngood\nbad\nbad too\n", "sub/c.txt": None, "d.txt": "bad\n"})
    report = await bench()
    assert bench.linter.asked == [["a.txt", "d.txt"]]
    assert (report.files, report.cached) == (3, 1)
    assert report.comparison == Comparison(first.commit, new=2, fixed=1, unchanged=1)
    assert bench.newness() == {"a.txt:3": False, "a.txt:4": True, "d.txt:1": True}


async def test_the_same_commit_again_costs_nothing(bench: Bench) -> None:
    """And finds the same."""
    first = await bench()
    second = await bench()
    assert len(bench.linter.asked) == 1
    assert second.findings == first.findings
    assert second.comparison == Comparison(first.commit, 0, 0, 2)
    assert (second.cached, second.done) == (3, 3)


async def test_another_version_reads_all_again(bench: Bench) -> None:
    """And is not compared with the one before."""
    first = await bench()
    bench.linter.number = "2.0"
    report = await bench()
    assert len(bench.linter.asked) == 2
    assert report.comparison == Comparison(first.commit, 0, 0, 0, ("words",))


async def test_the_commit_counts_and_not_what_lies_there(bench: Bench) -> None:
    """Unless the working tree is asked for, with its new files; that is not kept as the latest run."""
    (bench.path / "a.txt").write_text("fine\n")
    (bench.path / "new.txt").write_text("bad\n")
    committed = await bench()
    tree = await bench(tree=True)
    assert {finding.path for finding in committed.findings} == {"a.txt", "sub/c.txt"}
    assert {finding.path for finding in tree.findings} == {"new.txt", "sub/c.txt"}
    assert bench.linter.asked[1] == ["a.txt", "new.txt"]
    assert tree.comparison == Comparison(committed.commit, new=1, fixed=1, unchanged=1)
    assert (await bench()).comparison == Comparison(committed.commit, 0, 0, 2)


async def test_with_a_base_only_the_difference_is_looked_at(bench: Bench) -> None:
    """On both sides: so it is known what the difference has brought and what it has cured."""
    base = git(bench.path, "rev-parse", "HEAD")
    commit(bench.path, {"a.txt": "bad\nworse bad\n", "sub/c.txt": None})
    report = await bench(base=base)
    assert bench.linter.asked == [["a.txt", "sub/c.txt"], ["a.txt"]]
    assert (report.files, report.base) == (1, base)
    assert report.comparison == Comparison(base, new=1, fixed=1, unchanged=1)
    assert bench.newness() == {"a.txt:1": False, "a.txt:2": True}
    assert (await bench()).comparison is None  # a part of the files is no run to compare others with


async def test_any_commit_can_be_asked_for(bench: Bench) -> None:
    """An older one by its tag."""
    git(bench.path, "tag", "v1")
    commit(bench.path, {"a.txt": "fine\n"})
    assert (await bench(ref="v1")).total == 2
    assert (await bench()).total == 1


async def test_progress_never_falls(bench: Bench) -> None:
    """And ends with everything."""
    await bench(limits=Limits(batch=1))
    done = [step[0] for step in bench.notes.steps]
    assert done == sorted(done)
    assert bench.notes.steps[-1] == (3, 3, None)
    assert {step[2] for step in bench.notes.steps} == {None, "words"}


@pytest.mark.parametrize("kind", ["empty", "no commit", "nothing for linters", "gone"])
async def test_there_may_be_nothing(tmp_path: Path, kind: str) -> None:
    """An empty commit is done at once; no commit at all is said."""
    path = make_repository(tmp_path / "r")
    bench = Bench(path, make_store())
    if kind == "no commit":
        with pytest.raises(GitFailed, match="no commit yet"):
            await bench()
        return
    if kind == "gone":
        with pytest.raises(GitFailed, match="is not a folder"):
            await bench(path=tmp_path / "nope")
        return
    commit(path, {} if kind == "empty" else {"a.py": "1"})
    report = await bench()
    assert (report.files, report.total, bench.linter.asked) == (0, 0, [])
    assert [(each.status, each.reason) for each in report.outcomes] == [("skipped", "no file for it")]


async def test_odd_files_are_looked_at_or_counted(tmp_path: Path) -> None:
    """Names with line feeds, dashes and letters of any language; links, submodules, binaries, 50 MB."""
    inner = make_repository(tmp_path / "inner", {"b.txt": "bad"})
    path = make_repository(tmp_path / "r", {"-a\n.txt": "bad", "größe.txt": "bad", "dir with space/x.txt": "bad"})
    os.symlink("/etc/passwd", path / "link.txt")
    git(path, "submodule", "--quiet", "add", str(inner), "sub.txt")
    commit(path, {"bin.txt": b"bad\0", "huge.txt": b"bad\0" * (50 << 18)})
    bench = Bench(path, make_store())
    report = await bench()
    assert sorted(finding.path for finding in report.findings) == ["-a\\n.txt", "dir with space/x.txt", "größe.txt"]
    expected = {"symlink": 1, "submodule": 1, BINARY: 1, OVER_SIZE: 1, "no linter for it": 1}
    assert dict(report.skipped) == expected
    assert report.done == report.files == 4


async def test_a_linter_that_is_absent_or_fails_is_told(bench: Bench) -> None:
    """With the reason. What it had found before is neither fixed nor compared."""
    absent, broken = WordLinter("absent"), WordLinter("broken")
    first = await bench(linters=[bench.linter, absent, broken])
    absent.absent, broken.failure = "not installed", "it crashed"
    commit(bench.path, {"a.txt": "bad again\n"})
    report = await bench(linters=[bench.linter, absent, broken])
    assert [(each.name, each.status, each.reason) for each in report.outcomes] == [
        ("words", "ok", None),
        ("absent", "skipped", "not installed"),
        ("broken", "failed", "it crashed"),
    ]
    assert report.comparison == Comparison(first.commit, new=1, fixed=1, unchanged=1, not_compared=("broken",))


async def test_findings_beyond_the_bound_are_counted(tmp_path: Path) -> None:
    """Kept are the first; all are compared."""
    bench = Bench(make_repository(tmp_path / "r", {"a.txt": "bad\n" * 50}), make_store())
    report = await bench(limits=Limits(findings=10))
    assert (report.total, len(report.findings), report.by_severity()["warning"]) == (50, 10, 50)
    assert report.notes == ["40 findings are counted and not kept"]
    assert (await bench(limits=Limits(findings=10))).comparison == Comparison(report.commit, 0, 0, 50)


async def test_a_missing_commit_is_fetched_where_that_is_asked_for(tmp_path: Path) -> None:
    """Into a bare repository, as a forge's push names it."""
    upstream = make_repository(tmp_path / "upstream", {"a.txt": "bad"})
    git(tmp_path, "clone", "--quiet", "--bare", str(upstream), "bare.git")
    new = commit(upstream, {"b.txt": "bad"})
    bench = Bench(tmp_path / "bare.git", make_store())
    with pytest.raises(GitFailed):
        await bench(ref=new)
    assert (await bench(ref=new, fetch=True)).total == 2


async def test_a_repository_that_leads_out_of_the_roots_is_refused(bench: Bench, tmp_path: Path) -> None:
    """A `.git` that is a file names any other place."""
    (tmp_path / "root" / "in").mkdir(parents=True)
    (tmp_path / "root" / "in" / ".git").write_text(f"gitdir: {bench.path}/.git\n")
    roots = Roots([tmp_path / "root"])
    with pytest.raises(Outside):
        await analyse(Request(tmp_path / "root" / "in"), [bench.linter], bench.store, Limits(), Notes(), roots)
    assert bench.linter.asked == []


async def test_the_repositorys_configuration_counts_where_it_may(bench: Bench) -> None:
    """It lies beside the files then, and another one makes what is kept stale; so does a new neighbour."""
    own = Limits(own_configuration=True)
    commit(bench.path, {"pyproject.toml": "[tool.ruff]\n"})
    await bench(limits=own)
    assert bench.linter.places[0].own
    await bench(limits=own)
    assert len(bench.linter.asked) == 1
    commit(bench.path, {"pyproject.toml": "[tool.ruff]\nline-length = 99\n"})
    await bench(limits=own)
    commit(bench.path, {"new.py": ""})
    await bench(limits=own)
    assert len(bench.linter.asked) == 3
    await bench()
    assert not bench.linter.places[-1].own


async def test_a_broken_store_is_no_obstacle(bench: Bench, tmp_path: Path) -> None:
    """Everything is read, and nothing compared."""
    (tmp_path / "file").write_text("")
    bench.store = make_store(tmp_path / "file")
    assert (await bench()).total == (await bench()).total == 2
    assert bench.store.failures


async def test_cancelling_leaves_nothing(bench: Bench) -> None:
    """No file, and no task."""
    bench.linter.gate.clear()
    task = asyncio.create_task(bench())
    await bench.linter.begun.wait()
    folder = bench.linter.places[0].cwd.parent
    assert is_there(folder)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_there(folder)


async def test_real_linters_work_together(tmp_path: Path) -> None:
    """Each on its own files, with the version that it says itself; a second time nothing runs."""
    files = {
        "app.py": "import os\nexec(input())\n",
        "broken.py": "def f(:\n",
        "run.sh": "#!/bin/sh\necho $1\n",
        "conf.yml": "a: 1\na: 2\n",
        "data.json": "{",
    }
    bench = Bench(make_repository(tmp_path / "r", files), make_store())
    linters = make_linters(LINTERS, Bounds())
    report = await bench(linters=linters)
    there = {outcome.name for outcome in report.outcomes if outcome.status == "ok"}
    assert {"ruff", "bandit", "radon", "syntax"} <= there
    assert all((outcome.version or "")[0].isdigit() for outcome in report.outcomes if outcome.name in there)
    rules = {(finding.path, finding.rule) for finding in report.findings}
    assert {("app.py", "F401"), ("app.py", "B102"), ("data.json", "json"), ("broken.py", "not-parsed")} <= rules
    again = await bench(linters=linters)
    assert set(again.findings) == set(report.findings)
    assert sum(outcome.seconds for outcome in again.outcomes) == 0
    assert again.cached == 5
