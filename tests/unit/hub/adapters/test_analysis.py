"""Code analysis on the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.adapters.analysis import Analysis, folder_of, job_limits_of, limits_of, model_of
from hub.http.api.endpoint import Hub
from hub.sections.analysis import AnalysisOptions, LanguageModelOptions
from integrations.code_analysis.jobs import Busy
from integrations.code_analysis.roots import Outside
from tests.live import settings_for, until
from tests.unit.hub.adapters.analysing import analysing
from tests.unit.hub.http.api.calls import put_together
from tests.unit.integrations.code_analysis.repositories import commit, git, make_repository


def numbers(analysis: Analysis) -> dict[str, float]:
    return {
        sample.name + "".join(f"/{value}" for value in sample.labels.values()): sample.value
        for metric in analysis.collect()
        for sample in metric.samples
    }


async def test_a_hub_that_is_not_asked_has_none() -> None:
    """No adapter, and no folder."""
    hub: Hub = put_together()
    assert hub.adapters.analysis is None


async def test_an_analysis_is_taken_and_counted(tmp_path: Path) -> None:
    """Its messages go to the hub's own inbox; its numbers are metrics."""
    hub, analysis = analysing(tmp_path)
    job = await analysis.submit(f"{tmp_path}/git/one", ref="HEAD", base=None, tree=False)
    await until(lambda: job.is_over)
    assert job.state == "completed"
    found = numbers(analysis)
    assert found["tocsin_analysis_runs_total/completed"] == 1
    assert found["tocsin_analysis_findings_total/syntax/error"] == 1
    assert found["tocsin_analysis_files_total/analysed"] == 2
    assert found["tocsin_analysis_running"] == found["tocsin_analysis_queued"] == 0
    assert found["tocsin_analysis_seconds_total"] > 0
    assert set(analysis.push.outcomes) == {"pushed"}
    assert {metric.name for metric in analysis.collect()} == {
        name for name in (metric.name for metric in analysis.collect()) if name.startswith("tocsin_analysis_")
    }
    await analysis.stop()
    assert hub.adapters.analysis is analysis


async def test_only_roots_are_taken(tmp_path: Path) -> None:
    """Not the folders that a forge's names lead to, either: those are for pushes."""
    other = make_repository(tmp_path / "other", {"a.json": "{"})
    _, analysis = analysing(tmp_path, analysis__repositories={"g/n": str(other)})
    for path in (str(other), f"{tmp_path}/git/../other", "/etc", "git/one"):
        with pytest.raises(Outside):
            await analysis.submit(path, ref="HEAD", base=None, tree=False)
    await analysis.stop()


async def test_a_push_is_analysed(tmp_path: Path) -> None:
    """Of a repository that the configuration maps, also outside of the roots; under the forge's own name."""
    upstream = make_repository(tmp_path / "upstream", {"a.json": "{"})
    git(tmp_path, "clone", "--quiet", "--bare", str(upstream), "n.git")
    new = commit(upstream, {"b.json": "{"})
    _, analysis = analysing(tmp_path, analysis__repositories={"g/n": f"{tmp_path}/n.git"}, analysis__fetch=True)
    await analysis.pushed("g/n", new)
    (job,) = analysis.jobs.all()
    await until(lambda: job.is_over)
    assert (job.state, job.repository) == ("completed", "g/n")
    assert job.report is not None
    assert (job.report.commit, job.report.total) == (new, 2)
    assert analysis.pushes == {"queued": 1, "unknown": 0, "refused": 0}
    await analysis.stop()


async def test_nothing_is_fetched_without_being_asked_to(tmp_path: Path) -> None:
    """The analysis of a commit that isn't there fails."""
    upstream = make_repository(tmp_path / "upstream", {"a.json": "{"})
    git(tmp_path, "clone", "--quiet", "--bare", str(upstream), "n.git")
    new = commit(upstream, {"b.json": "{"})
    _, analysis = analysing(tmp_path, analysis__repositories={"g/n": f"{tmp_path}/n.git"})
    await analysis.pushed("g/n", new)
    (job,) = analysis.jobs.all()
    await until(lambda: job.is_over)
    assert job.state == "failed"
    await analysis.stop()


@pytest.mark.parametrize("commit", ["main", "--evil", "", "a" * 39, "A" * 40])
async def test_a_push_needs_a_whole_hash(tmp_path: Path, commit: str) -> None:
    """What a webhook says is somebody's word. Nothing is raised."""
    _, analysis = analysing(tmp_path, analysis__repositories={"g/n": f"{tmp_path}/git/one"})
    await analysis.pushed("g/n", commit)
    await analysis.pushed("nobody/knows", "a" * 40)
    assert analysis.jobs.all() == []
    assert analysis.pushes == {"queued": 0, "unknown": 1, "refused": 1}
    await analysis.stop()


async def test_a_full_queue_refuses_a_push(tmp_path: Path) -> None:
    """Counted, and nobody else is hurt."""
    _, analysis = analysing(tmp_path, analysis__repositories={"g/n": f"{tmp_path}/git/one"}, analysis__queue=1)
    for number in range(4):
        await analysis.pushed("g/n", f"{number}" * 40)
    assert analysis.pushes["refused"] == 2
    with pytest.raises(Busy):
        await analysis.submit(f"{tmp_path}/git/one", ref="HEAD", base=None, tree=False)
    await analysis.stop()
    assert {job.state for job in analysis.jobs.all()} == {"cancelled"}


async def test_a_model_sums_up(tmp_path: Path) -> None:
    """One that is configured; a double stands in for it here."""

    async def answer(_request: web.Request) -> web.Response:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Mend a.json."}}
        body = {"id": "c", "object": "chat.completion", "created": 1, "model": "small-1", "choices": [choice]}
        return web.json_response(body)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    async with TestServer(app) as server:
        model = {"analysis__llm__base_url": str(server.make_url("/v1")), "analysis__llm__model": "small"}
        _, analysis = analysing(tmp_path, **model)
        job = await analysis.submit(f"{tmp_path}/git/one", ref="HEAD", base=None, tree=False)
        await until(lambda: job.is_over)
        await analysis.stop()
    assert job.summary is not None
    assert (job.summary.text, job.summary.model, job.summary.prompt_tokens) == ("Mend a.json.", "small-1", None)
    assert numbers(analysis)["tocsin_analysis_summaries_total/made"] == 1


def test_options_become_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each one where it belongs."""
    options: dict[str, Any] = {
        "max_files": 1,
        "max_file_bytes": 2,
        "kept_findings": 3,
        "findings_per_file": 4,
        "batch_files": 5,
        "own_configuration": True,
        "git_timeout": 6.0,
        "concurrency": 7,
        "queue": 8,
        "kept_jobs": 9,
        "timeout": 10.0,
        "published_findings": 11,
        "progress_interval": 12.0,
    }
    section = AnalysisOptions(**options)
    one, all = limits_of(section), job_limits_of(section)
    assert (one.files, one.file_bytes, one.findings, one.per_file, one.batch) == (1, 2, 3, 4, 5)
    assert (one.own_configuration, one.git.seconds) == (True, 6.0)
    assert (all.concurrency, all.queue, all.kept, all.timeout) == (7, 8, 9, 10.0)
    assert (all.findings, all.interval) == (11, 12.0)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert folder_of(section) == tmp_path / "tocsin" / "analysis"
    assert folder_of(AnalysisOptions(folder="/x")) == Path("/x")


def test_a_model_is_taken_from_the_options() -> None:
    """With its key."""
    options = LanguageModelOptions.model_validate(
        {"base_url": "http://m/v1", "model": "m", "api_key": "k", "timeout": 3, "max_tokens": 9, "stream": True}
    )
    model = model_of(options)
    assert (model.url, model.name, model.key, model.timeout, model.tokens) == ("http://m/v1", "m", "k", 3, 9)
    assert model.stream
    assert settings_for().analysis.llm.base_url == ""
