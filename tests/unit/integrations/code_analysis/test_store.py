"""What is kept between analyses."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from integrations.code_analysis.store import Run, Store, key_of
from tests.unit.integrations.code_analysis.repositories import Ticks, make_store

RUN = Run("c1", {"ruff": "1"}, {"ruff": ["f1", "f2"]})


@pytest.mark.parametrize("kind", ["memory", "disk"])
async def test_what_is_kept_is_found(kind: str, tmp_path: Path) -> None:
    """Results by their key, and the latest run of each repository."""
    store = make_store(None if kind == "memory" else tmp_path)
    await store.keep({"a": [["R", 1]], "b": []})
    assert await store.results(["a", "b", "c"]) == {"a": [["R", 1]], "b": []}
    assert await store.latest("r") is None
    await store.remember("r", RUN)
    await store.remember("r", Run("c2", {}, {}))
    assert await store.latest("r") == Run("c2", {}, {})
    await store.close()
    assert store.failures == 0


async def test_it_outlives_the_process(tmp_path: Path) -> None:
    """Another store on the same folder has it, also at the same time."""
    first, second = make_store(tmp_path / "deep" / "er"), make_store(tmp_path / "deep" / "er")
    await first.keep({"a": 1})
    await first.remember("r", RUN)
    assert await second.results(["a"]) == {"a": 1}
    await second.keep({"b": 2})
    assert await first.results(["a", "b"]) == {"a": 1, "b": 2}
    await first.close()
    await second.close()
    third = make_store(tmp_path / "deep" / "er")
    assert await third.latest("r") == RUN
    await third.close()


async def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Findings tell of code."""
    store = make_store(tmp_path / "new")
    await store.keep({"a": 1})
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    await store.close()


async def test_more_results_than_fit_in_one_question_are_found() -> None:
    """SQLite bounds the values of a question."""
    store = make_store(entries=10_000)
    await store.keep({f"k{number}": number for number in range(2000)})
    assert len(await store.results([f"k{number}" for number in range(2500)])) == 2000
    await store.close()


async def test_what_was_not_used_for_longest_goes_first() -> None:
    """When there are too many."""
    clock = Ticks()
    store = Store(None, entries=10, size=1 << 20, now=clock)
    await store.keep({f"old{number}": number for number in range(10)})
    clock.time += 1
    assert await store.results(["old3"]) == {"old3": 3}
    await store.keep({"new": 1})
    left = await store.results(["new", *(f"old{number}" for number in range(10))])
    assert len(left) == 9
    assert {"new", "old3"} <= set(left)
    await store.close()


async def test_bytes_are_bounded() -> None:
    """Not only the number of results."""
    store = make_store(entries=1000, size=1000)
    for number in range(20):
        await store.keep({f"{number:02}": "x" * 98})
    assert 7 <= len(await store.results([f"{number:02}" for number in range(20)])) <= 10
    await store.close()


async def test_repositories_are_bounded() -> None:
    """The latest runs of those that were analysed last."""
    clock = Ticks()
    store = Store(None, entries=10, size=1000, repositories=2, now=clock)
    for name in ("a", "b", "c"):
        clock.time += 1
        await store.remember(name, RUN)
    assert [await store.latest(name) for name in ("a", "b", "c")] == [None, RUN, RUN]
    await store.close()


async def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    """The store begins anew."""
    (tmp_path / "analysis.sqlite3").write_bytes(b"this is no database, and was never one" * 100)
    store = make_store(tmp_path)
    await store.keep({"a": 1})
    assert await store.results(["a"]) == {"a": 1}
    assert (tmp_path / "analysis.broken").exists()
    await store.close()


async def test_without_a_folder_it_does_nothing(tmp_path: Path) -> None:
    """A failure is counted, and an analysis goes on."""
    (tmp_path / "file").write_text("")
    store = make_store(tmp_path / "file")
    await store.keep({"a": 1})
    assert await store.results(["a"]) == {}
    assert await store.latest("r") is None
    assert store.failures == 3
    await store.close()


async def test_what_another_version_wrote_is_no_fault(tmp_path: Path) -> None:
    """It counts as nothing."""
    store = make_store(tmp_path)
    await store.remember("r", RUN)
    with sqlite3.connect(tmp_path / "analysis.sqlite3") as connection:
        connection.execute("UPDATE runs SET run = '[1]'")
    connection.close()
    assert await store.latest("r") is None
    await store.close()


async def test_a_batch_is_kept_whole_or_not_at_all() -> None:
    """What isn't JSON keeps the rest of its batch out."""
    store = make_store()
    await store.keep({"a": 1, "b": object()})
    assert await store.results(["a", "b"]) == {}
    assert store.failures == 1
    await store.close()


async def test_calls_may_overlap() -> None:
    """Threads take turns."""
    store = make_store()
    await asyncio.gather(*(store.keep({str(number): number}) for number in range(30)))
    assert len(await store.results([str(number) for number in range(30)])) == 30
    await store.close()


def test_keys_tell_everything_apart() -> None:
    """Also names that hold what isn't UTF-8, and parts that join to the same text."""
    keys = {key_of("r", "a", "b"), key_of("r", "ab", ""), key_of("r", "a\udcff", "b"), key_of("r", "a", "b", "")}
    assert len(keys) == 4
