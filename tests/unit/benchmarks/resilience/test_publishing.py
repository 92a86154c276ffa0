"""The rate of publishing, with few publishes."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import pytest

from benchmarks.processes import Failed
from benchmarks.resilience import publishing
from channels.redis.broker import RedisBroker
from channels.redis.script import PUBLISH

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")


async def test_both_rates_are_measured_in_turns(tmp_path: Path) -> None:
    said: list[str] = []
    rates = await publishing.measure(publishing.AT_ONCE, tmp_path, said.append)
    assert rates.tocsin > 0
    assert rates.cpu > 0
    assert (rates.benchmark is None) == (shutil.which("redis-benchmark") is None)
    assert (rates.ratio is None) == (rates.benchmark is None)
    assert len(said) == publishing.ROUNDS


async def test_without_redis_benchmark_there_is_no_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(publishing, "ROUNDS", 1)
    rates = await publishing.measure(publishing.AT_ONCE, tmp_path, lambda _: None)
    assert (rates.benchmark, rates.ratio) == (None, None)


async def test_publishes_that_did_nothing_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher with the name of another one: the script takes its publishes for repetitions, and is quick."""
    monkeypatch.setenv("PATH", str(tmp_path))
    plain = RedisBroker.__init__

    def under_one_name(self: RedisBroker, backbone: object, options: object, clock: object, _: str) -> None:
        plain(self, backbone, options, clock, "same")  # type: ignore[arg-type]

    monkeypatch.setattr(RedisBroker, "__init__", under_one_name)
    with pytest.raises(Failed, match="1000 publishes gave"):
        await publishing.measure(publishing.AT_ONCE, tmp_path, lambda _: None)


def test_redis_benchmark_gets_as_many_arguments_as_the_script_has() -> None:
    """Its comment names them."""
    source = PUBLISH.source.decode()
    assert "ARGV[13]" in source
    assert "ARGV[14]" not in source
    assert "KEYS[5]" not in source
