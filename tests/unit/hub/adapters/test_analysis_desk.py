"""The analyses of all processes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from hub.adapters.analysis_desk import AnalysisDesk, Wanted, described, page
from hub.peers import Answers, Peers, Question
from integrations.code_analysis.analysis import Request
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.jobs import Analyses, Job
from integrations.code_analysis.report import Outcome, Report


class Wire:
    """Joins several processes' desks; a process may be silent."""

    def __init__(self) -> None:
        self.ends: list[End] = []


class End:
    """One process's peers."""

    def __init__(self, wire: Wire, node: str) -> None:
        self.node = node
        self.silent = False
        self._wire = wire
        self._answerers: dict[str, Callable[[Question], Awaitable[Any]]] = {}
        wire.ends.append(self)

    def answer(self, question: str, answerer: Callable[[Question], Awaitable[Any]]) -> None:
        self._answerers[question] = answerer

    async def ask(self, question: str, about: Question) -> Answers:
        others = [end for end in self._wire.ends if end is not self]
        said = {
            end.node: json.loads(json.dumps(await end._answerers[question](json.loads(json.dumps(about)))))
            for end in others
            if not end.silent
        }
        missing = tuple(end.node for end in others if end.silent)
        return Answers(said, missing, bool(missing))


class Known:
    """Jobs of one process, without what runs them."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.cancelled: list[str] = []

    def all(self) -> list[Job]:
        return list(self.jobs.values())

    def get(self, id: str) -> Job | None:
        return self.jobs.get(id)

    async def cancel(self, id: str) -> bool:
        self.cancelled.append(id)
        return not self.jobs[id].is_over


def make_job(id: str, created: float) -> Job:
    return Job(id, Request(Path("/srv/one")), "one", created)


def finding(number: int, linter: str = "ruff") -> Finding:
    return Finding(linter, "R", "error" if number % 2 else "info", "a.py", number, 1, "m", f"f{number}")


def desks(*known: Known) -> list[tuple[AnalysisDesk, End]]:
    wire = Wire()
    made = []
    for number, jobs in enumerate(known):
        end = End(wire, f"n{number}")
        made.append((AnalysisDesk(cast("Analyses", jobs), cast("Peers", end)), end))
    return made


async def test_every_process_lists_all() -> None:
    """The newest first, each with its process; who is silent is named."""
    (first, _), (second, end) = desks(Known(make_job("a", 10), make_job("c", 30)), Known(make_job("b", 20)))
    for desk in (first, second):
        jobs, answers = await desk.all()
        assert [(job["id"], job["node"]) for job in jobs] == [("c", "n0"), ("b", "n1"), ("a", "n0")]
        assert not answers.partial
    end.silent = True
    jobs, answers = await first.all()
    assert ([job["id"] for job in jobs], answers.partial, answers.missing) == (["c", "a"], True, ("n1",))


async def test_a_job_is_found_in_any_process() -> None:
    """Also its findings, and it is cancelled there."""
    job = make_job("b", 20)
    job.report = Report("HEAD", findings=[finding(n) for n in range(5)])
    here, there = Known(), Known(job)
    (desk, _), (_, _) = desks(here, there)
    state, _ = await desk.get("b")
    assert state is not None
    assert state["node"] == "n1"
    piece, _ = await desk.findings("b", Wanted(1, 2))
    assert piece is not None
    assert ([row["line"] for row in piece["findings"]], piece["total"]) == ([1, 2], 5)
    ended, _ = await desk.cancel("b")
    assert (ended, there.cancelled) == (True, ["b"])


async def test_what_nobody_knows_is_nothing() -> None:
    """With who was asked, so that one who was away isn't taken for one who doesn't know."""
    (desk, _), (_, end) = desks(Known(), Known(make_job("b", 1)))
    end.silent = True
    assert (await desk.get("b")) == (None, Answers({}, ("n1",), True))
    assert (await desk.cancel("b"))[0] is None


def test_findings_are_filtered() -> None:
    """By severity and linter; a job that hasn't begun has none."""
    job = make_job("a", 1)
    assert page(job, Wanted(0, 10)) == {"findings": [], "total": 0}
    job.report = Report("HEAD", findings=[finding(1), finding(2), finding(3, "bandit")])
    assert [row["line"] for row in page(job, Wanted(0, 10, "error"))["findings"]] == [1, 3]
    assert [row["line"] for row in page(job, Wanted(0, 10, "error", "ruff"))["findings"]] == [1]
    assert page(job, Wanted(0, 0))["total"] == 3


def test_what_is_not_known_yet_is_left_out() -> None:
    """And what there is, is JSON."""
    job = make_job("a", 1_795_256_100.0)
    assert described(job, "n") == {
        "id": "a",
        "node": "n",
        "repository": "one",
        "path": "/srv/one",
        "ref": "HEAD",
        "working_tree": False,
        "state": "queued",
        "created": "2026-11-21T10:15:00.000000Z",
    }
    job.report = Report("HEAD", commit="c1", files=4, done=1, outcomes=[Outcome("ruff", "1")])
    state = json.loads(json.dumps(described(job, "n")))
    assert (state["progress"], state["commit"], state["linters"][0]["name"]) == (25, "c1", "ruff")
