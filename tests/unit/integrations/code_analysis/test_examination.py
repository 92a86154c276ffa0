"""Having linters read files, or not."""

from __future__ import annotations

import pytest

from integrations.code_analysis.examination import KEPT, READ, Examination, Hooks, Ready
from integrations.code_analysis.export import exporting
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.git import Entry, GitFailed
from integrations.code_analysis.report import Outcome
from integrations.code_analysis.selection import BINARY, CHANGED
from integrations.code_analysis.source import blob_of
from integrations.code_analysis.store import Store
from tests.unit.integrations.code_analysis.repositories import WordLinter, make_store


class Files:
    """A source: content by path; what isn't there can't be read."""

    def __init__(self, **content: str) -> None:
        self.content = {f"{name}.txt": text.encode() for name, text in content.items()}

    def entries(self) -> list[Entry]:
        return [Entry(path, blob_of(content), len(content)) for path, content in self.content.items()]

    async def read(self, entry: Entry) -> bytes:
        if entry.path not in self.content:
            raise GitFailed("gone")
        return self.content[entry.path]


class Told:
    """What an examination has told."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.done: list[tuple[int, str]] = []
        self.working: list[str] = []

    def hooks(self) -> Hooks:
        return Hooks(
            lambda _ready, findings: self.findings.extend(findings),
            lambda number, how: self.done.append((number, how)),
            self.working.append,
        )


async def examine(
    linters: list[WordLinter],
    files: Files,
    store: Store,
    *,
    entries: list[Entry] | None = None,
    batch: int = 10,
    per_file: int = 100,
    repository: str = "r",
) -> tuple[Told, list[Ready]]:
    ready = [Ready(linter, linter.number, Outcome(linter.name)) for linter in linters]
    told = Told()
    async with exporting(own=False) as export:
        examination = Examination(repository, ready, store, export, batch=batch, per_file=per_file)
        await examination.examine(files.entries() if entries is None else entries, files, told.hooks())
    return told, ready


async def test_only_what_changed_is_read_again() -> None:
    """By path and blob: the linter is asked for nothing else."""
    linter, store = WordLinter(), make_store()
    first, _ = await examine([linter], Files(a="bad", b="good", c="bad"), store)
    second, _ = await examine([linter], Files(a="bad", b="bad now", c="bad"), store)
    assert linter.asked == [["a.txt", "b.txt", "c.txt"], ["b.txt"]]
    assert [finding.path for finding in first.findings] == ["a.txt", "c.txt"]
    assert sorted(finding.path for finding in second.findings) == ["a.txt", "b.txt", "c.txt"]
    assert [finding for finding in second.findings if finding.path != "b.txt"] == first.findings
    assert second.done == [(2, KEPT), (1, READ)]


async def test_a_clean_file_is_not_read_twice() -> None:
    """That nothing was found is kept, too."""
    linter, store = WordLinter(), make_store()
    for _ in range(3):
        await examine([linter], Files(a="good"), store)
    assert linter.asked == [["a.txt"]]


async def test_another_version_makes_what_is_kept_stale() -> None:
    """Of that linter only."""
    first, second, store = WordLinter(), WordLinter("others"), make_store()
    await examine([first, second], Files(a="bad"), store)
    first.number = "2.0"
    await examine([first, second], Files(a="bad"), store)
    assert (len(first.asked), len(second.asked)) == (2, 1)


async def test_repositories_share_nothing() -> None:
    """Even where they hold the same file."""
    linter, store = WordLinter(), make_store()
    await examine([linter], Files(a="bad"), store, repository="one")
    await examine([linter], Files(a="bad"), store, repository="two")
    assert len(linter.asked) == 2


async def test_files_come_in_batches() -> None:
    """And are counted with each."""
    linter = WordLinter()
    told, _ = await examine([linter], Files(**{f"f{n}": "bad" for n in range(5)}), make_store(), batch=2)
    assert [len(files) for files in linter.asked] == [2, 2, 1]
    assert told.done == [(0, KEPT), (2, READ), (2, READ), (1, READ)]
    assert told.working == ["words"] * 3


async def test_a_linter_that_fails_is_left_alone() -> None:
    """The others go on; nothing of its failed batch is kept, what it found before is."""
    broken, whole, store = WordLinter("broken"), WordLinter("whole"), make_store()
    broken.failure = "it crashed"
    told, ready = await examine([broken, whole], Files(a="bad", b="bad"), store, batch=1)
    assert (len(broken.asked), len(whole.asked)) == (1, 2)
    assert (ready[0].outcome.status, ready[0].outcome.reason) == ("failed", "it crashed")
    assert ready[1].outcome.status == "ok"
    assert {finding.linter for finding in told.findings} == {"whole"}
    broken.failure = None
    await examine([broken, whole], Files(a="bad", b="bad"), store)
    assert broken.asked[1:] == [["a.txt", "b.txt"]]
    assert len(whole.asked) == 2


async def test_what_cannot_be_read_is_left_out() -> None:
    """Binary files, and those that change meanwhile; each is counted once."""
    linter, files = WordLinter(), Files(a="bad", b="\0binary")
    entries = [*files.entries(), Entry("gone.txt", "0" * 40, 1)]
    told, _ = await examine([linter], files, make_store(), entries=entries)
    assert linter.asked == [["a.txt"]]
    assert sorted(told.done) == [(0, KEPT), (1, BINARY), (1, CHANGED), (1, READ)]


async def test_findings_of_one_file_are_bounded() -> None:
    """The last one says that there are more; the same comes out of the store."""
    linter, store = WordLinter(), make_store()
    files = Files(a="bad\n" * 50)
    first, _ = await examine([linter], files, store, per_file=3)
    second, _ = await examine([linter], files, store, per_file=3)
    assert [finding.rule for finding in first.findings] == ["word", "word", "word", "too-many"]
    assert "over the first 3" in first.findings[-1].message
    assert second.findings == first.findings


@pytest.mark.parametrize("rows", [5, [["r", "worst", 1, 1, "m", "f"]]])
async def test_what_another_version_kept_is_read_anew(rows: object) -> None:
    """Not believed, and no fault."""
    linter, store, files = WordLinter(), make_store(), Files(a="bad")
    await examine([linter], files, store)
    keys = [row[0] for row in store._connection.execute("SELECT key FROM results")] if store._connection else []
    await store.keep(dict.fromkeys(keys, rows))
    told, _ = await examine([linter], files, store)
    assert len(linter.asked) == 2
    assert len(told.findings) == 1
