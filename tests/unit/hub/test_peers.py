"""Questions to the other processes, and their answers."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import orjson
import pytest
import structlog

from channels.local import LocalNodes
from hub import peers as peers_module
from hub.peers import Answers, Peers, Question
from hub.reports import Reports
from hub.tasks import Tasks
from tests.joined import JoinedNodes, Junction
from tests.kit import ManualClock, eventually, rest


class Circle:
    """Processes that can ask each other. A question that nobody answers ends after 50 ms."""

    def __init__(self, names: str = "abc") -> None:
        self.clock = ManualClock()
        self.junction = Junction(self.clock)
        self.nodes = {name: JoinedNodes(self.junction, name) for name in names}
        self.tasks = Tasks()
        self.peers = {
            name: Peers(nodes, Reports(nodes, self.clock), self.tasks, deadline=0.05)
            for name, nodes in self.nodes.items()
        }

    def all_answer(self, question: str) -> None:
        """Have everyone answer with its name and what was asked about."""
        for name, peers in self.peers.items():

            async def answer(about: Question, name: str = name) -> Any:
                return {"name": name, **about}

            peers.answer(question, answer)


@pytest.fixture
async def circle() -> Circle:
    return Circle()


async def test_everyone_else_answers(circle: Circle) -> None:
    """The one who asks doesn't ask itself; answers are by name."""
    circle.all_answer("who")
    answers = await circle.peers["b"].ask("who", {"n": 1})
    assert answers == Answers({"a": {"name": "a", "n": 1}, "c": {"name": "c", "n": 1}})


async def test_questions_do_not_get_mixed_up(circle: Circle) -> None:
    """However many are under way, from whomever, with the same numbers."""
    circle.all_answer("who")
    asked = [(name, n) for n in range(20) for name in "abc"]
    all_answers = await asyncio.gather(*(circle.peers[name].ask("who", {"n": n}) for name, n in asked))
    for (name, n), answers in zip(asked, all_answers, strict=True):
        assert answers.by_node == {other: {"name": other, "n": n} for other in "abc" if other != name}
    assert not any(peers._open for peers in circle.peers.values())
    await eventually(lambda: len(circle.tasks) == 0)


async def test_who_does_not_answer_in_time_is_missing(circle: Circle) -> None:
    """The others' answers are there."""
    circle.all_answer("who")
    go = asyncio.Event()

    async def late(about: Question) -> int:
        await go.wait()
        return 1

    circle.peers["c"].answer("who", late)
    answers = await circle.peers["a"].ask("who", {})
    assert (set(answers.by_node), answers.missing, answers.partial) == ({"b"}, ("c",), True)
    go.set()
    await eventually(lambda: len(circle.tasks) == 0)  # and the late answer is nobody's


async def test_who_can_not_answer_says_so_at_once(circle: Circle) -> None:
    """For a fault, or for a question that its version doesn't know. Nobody waits for the deadline then."""
    circle.all_answer("who")
    circle.peers["a"]._deadline = 30.0

    async def fail(about: Question) -> int:
        raise ValueError("on purpose")

    circle.peers["b"].answer("who", fail)
    with structlog.testing.capture_logs() as logs:
        answers = await circle.peers["a"].ask("who", {})
    assert (set(answers.by_node), answers.missing, answers.partial) == ({"c"}, ("b",), True)
    assert [entry["question"] for entry in logs] == ["who"]
    assert (await circle.peers["a"].ask("unheard of", {})).missing == ("b", "c")
    assert circle.peers["b"].unanswered == 2


async def test_a_process_that_is_gone_is_not_waited_for(circle: Circle) -> None:
    """Nor is it missing."""
    circle.all_answer("who")
    circle.peers["a"]._deadline = 30.0
    circle.nodes["b"].die()
    answers = await circle.peers["a"].ask("who", {})
    assert (set(answers.by_node), answers.partial) == ({"c"}, False)


async def test_a_process_that_is_cut_off_is_missing_though_it_was_not_told(circle: Circle) -> None:
    """Its last report says that it may live."""
    circle.all_answer("who")
    cut_off = circle.nodes["b"]
    real = circle.nodes["a"].tell

    async def tell(topic: str, message: Any) -> int:
        circle.junction.nodes.remove(cut_off)
        try:
            return await real(topic, message)
        finally:
            circle.junction.nodes.append(cut_off)

    circle.nodes["a"].tell = tell  # type: ignore[method-assign]
    answers = await circle.peers["a"].ask("who", {})
    assert (set(answers.by_node), answers.missing, answers.partial) == ({"c"}, ("b",), True)


async def test_when_nobody_can_be_told_the_answer_is_partial(circle: Circle) -> None:
    """At once; and nothing is left of the question."""
    circle.all_answer("who")
    await circle.peers["a"].ask("who", {})
    circle.junction.away = True
    assert await circle.peers["a"].ask("who", {}) == Answers({}, ("b", "c"), True)
    assert circle.peers["a"]._open == {}


async def test_who_is_cut_off_while_answering_is_missing(circle: Circle) -> None:
    """It counts that."""

    async def cut(about: Question) -> int:
        circle.junction.away = True
        return 1

    circle.peers["b"].answer("who", cut)
    circle.peers["c"].answer("who", cut)
    assert (await circle.peers["a"].ask("who", {})).partial
    assert circle.peers["b"].unanswered == 1


async def test_a_hub_of_one_process_asks_nobody() -> None:
    """And spends no time on it."""
    nodes = LocalNodes()
    peers = Peers(nodes, Reports(nodes, ManualClock()), Tasks(), alone=True)
    assert await peers.ask("who", {}) == Answers({})


async def test_questions_under_way_are_bounded(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further one isn't asked, and says so."""
    monkeypatch.setattr(peers_module, "ASKING_MAX", 1)
    circle.all_answer("who")
    first = asyncio.create_task(circle.peers["a"].ask("who", {}))
    await asyncio.sleep(0)
    assert await circle.peers["a"].ask("who", {}) == Answers({}, (), True)
    assert len((await first).by_node) == 2
    assert len((await circle.peers["a"].ask("who", {})).by_node) == 2


async def test_answers_in_the_making_are_bounded(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever floods a process with questions doesn't stall it."""
    monkeypatch.setattr(peers_module, "ANSWERING_MAX", 2)
    go = asyncio.Event()

    async def late(about: Question) -> int:
        await go.wait()
        return 1

    circle.peers["b"].answer("who", late)
    asking = [asyncio.create_task(circle.peers["a"].ask("who", {})) for _ in range(5)]
    await rest()
    assert circle.peers["b"].unanswered == 3
    go.set()
    answers = await asyncio.gather(*asking)
    assert sum("b" in answer.by_node for answer in answers) == 2
    await eventually(lambda: len(circle.tasks) == 0)


async def test_big_questions_and_answers_go_in_pieces(circle: Circle) -> None:
    """One message between processes may have 64 KiB. Those of several don't get mixed up."""
    random = Random(7)
    about = {"text": random.randbytes(100_000).hex()}
    circle.peers["a"]._deadline = circle.peers["b"]._deadline = 30.0
    circle.all_answer("who")
    one, other = await asyncio.gather(circle.peers["a"].ask("who", about), circle.peers["b"].ask("who", about))
    assert one.by_node == {name: {"name": name, **about} for name in "bc"}
    assert other.by_node == {name: {"name": name, **about} for name in "ac"}
    told = [message for nodes in circle.nodes.values() for _, message in nodes.told]
    assert len(told) > 12
    assert max(len(orjson.dumps(message)) for message in told) < 60_000


async def test_a_broken_piece_is_no_fault(circle: Circle) -> None:
    """It is told in the log, and the question has no answer."""
    circle.all_answer("who")
    with structlog.testing.capture_logs() as logs:
        piece = {"id": 1, "by": "a", "question": "who", "piece": 0, "pieces": 1, "data": "AAAA"}
        await circle.nodes["a"].tell("ask", piece)
        await eventually(lambda: len(logs) == 2)
    assert {entry["node"] for entry in logs} == {"a"}
