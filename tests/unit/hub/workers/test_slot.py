"""One place among the workers, with processes that only pretend."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.embedded import restarts
from hub.options import LogOptions
from hub.workers.slot import Slot, WorkerFailed
from tests.live import until
from tests.unit.hub.logbook import lines, logging_as


class PretendWorker:
    """What a slot needs of a worker; the test says how it fares."""

    def __init__(self, number: int, pid: int) -> None:
        loop = asyncio.get_running_loop()
        self.number = number
        self.pid = pid
        self.ready: asyncio.Future[dict[str, Any] | None] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()
        self.complaints: list[str] = []
        self.is_retired = False
        self.retired_with: tuple[float, float] | None = None

    def is_up(self) -> None:
        self.ready.set_result({"url": f"http://{self.pid}"})

    def dies(self, code: int = -9) -> None:
        if not self.ready.done():
            self.ready.set_result(None)
        self.ended.set_result(code)

    async def retire(self, grace: float, close_timeout: float) -> bool:
        self.is_retired = True
        self.retired_with = (grace, close_timeout)
        if not self.ended.done():
            self.dies(0)
        return await self.ended == 0


class Works:
    """Starts them, and remembers."""

    def __init__(self) -> None:
        self.made: list[PretendWorker] = []
        self.failures = 0
        self.slot = Slot(3, self.launch, asyncio.get_running_loop().time)  # type: ignore[arg-type]

    async def launch(self, number: int) -> PretendWorker:
        if self.failures:
            self.failures -= 1
            raise BlockingIOError(11, "Resource temporarily unavailable")
        worker = PretendWorker(number, len(self.made) + 1)
        self.made.append(worker)
        return worker

    async def there(self, count: int) -> PretendWorker:
        await until(lambda: len(self.made) >= count)
        return self.made[count - 1]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarts, "SHORTEST", 0.001)


async def up(works: Works) -> asyncio.Task[Any]:
    starting = asyncio.create_task(works.slot.start())
    (await works.there(1)).is_up()
    await starting
    return starting


async def test_it_starts_with_a_worker_that_listens() -> None:
    """And has what that says of itself."""
    works = Works()
    starting = await up(works)
    assert starting.result() == {"url": "http://1"}
    assert works.made[0].number == 3
    assert await works.slot.retire(1.0, 2.0)
    assert works.made[0].retired_with == (1.0, 2.0)


async def test_one_that_dies_is_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    """Each time; when that goes on, somebody is asked to look."""
    with logging_as(LogOptions(format="json")):
        works = Works()
        await up(works)
        for count in range(1, restarts.LOOP + 1):
            worker = await works.there(count)
            if not worker.ready.done():
                worker.is_up()
            worker.dies()
        await works.there(restarts.LOOP + 1)
        await works.slot.close()
        told = lines(capsys)
    deaths = [line for line in told if line["event"] == "a worker died"]
    assert [line["pid"] for line in deaths] == [1, 2, 3, 4, 5]
    assert {line["how"] for line in deaths} == {"killed by SIGKILL"}
    waits = [line["restart_seconds"] for line in deaths]
    assert waits == sorted(waits)
    (loop,) = [line for line in told if line["event"] == "a worker dies again and again"]
    assert (loop["worker"], loop["deaths"]) == (3, 5)


async def test_one_that_dies_while_it_starts_is_replaced() -> None:
    """It may have been killed by accident."""
    works = Works()
    starting = asyncio.create_task(works.slot.start())
    (await works.there(1)).dies()
    (await works.there(2)).is_up()
    assert await starting == {"url": "http://2"}
    await works.slot.retire(0, 0)


async def test_one_that_says_that_it_can_not_start_is_not() -> None:
    """The next one would say the same."""
    works = Works()
    starting = asyncio.create_task(works.slot.start())
    worker = await works.there(1)
    worker.complaints = ["channels: no"]
    worker.dies(1)
    with pytest.raises(WorkerFailed, match="channels: no"):
        await starting
    assert len(works.made) == 1


async def test_a_successor_takes_over_before_the_old_one_goes() -> None:
    """And is itself kept alive."""
    works = Works()
    await up(works)
    replacing = asyncio.create_task(works.slot.replace(1.0, 2.0))
    successor = await works.there(2)
    assert not works.made[0].is_retired
    successor.is_up()
    assert await replacing
    assert works.made[0].retired_with == (1.0, 2.0)
    assert works.slot.worker is not None
    assert works.slot.worker.pid == 2
    successor.dies()
    await works.there(3)
    await works.slot.retire(0, 0)
    assert len(works.made) == 3


async def test_without_a_successor_the_old_one_stays() -> None:
    """Whatever the configuration has become."""
    works = Works()
    await up(works)
    replacing = asyncio.create_task(works.slot.replace(1.0, 2.0))
    (await works.there(2)).dies(1)
    assert not await replacing
    assert not works.made[0].is_retired
    assert works.slot.worker is not None
    assert works.slot.worker.pid == 1
    await works.slot.retire(0, 0)


async def test_a_retired_slot_starts_nothing() -> None:
    """Not after a death, not as a successor, not when it never started."""
    works = Works()
    await up(works)
    assert await works.slot.retire(0, 0)
    assert not await works.slot.replace(0, 0)
    assert await works.slot.start() is None
    assert len(works.made) == 1


async def test_retiring_does_not_wait_for_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is dead at the moment is let go at once."""
    monkeypatch.setattr(restarts, "SHORTEST", 20.0)
    works = Works()
    await up(works)
    works.made[0].dies()
    async with asyncio.timeout(5):
        assert await works.slot.retire(0, 0)
    assert len(works.made) == 1


async def test_one_that_is_retired_while_it_starts() -> None:
    """Ends as soon as it can."""
    works = Works()
    starting = asyncio.create_task(works.slot.start())
    worker = await works.there(1)
    assert await works.slot.retire(0, 0)
    assert worker.is_retired
    assert await starting is None
    assert len(works.made) == 1


async def test_a_machine_that_has_no_room_is_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    """A process that can't be started is no reason to give up."""
    with logging_as(LogOptions(format="json")):
        works = Works()
        await up(works)
        works.failures = 3
        works.made[0].dies()
        await works.there(2)
        await works.slot.retire(0, 0)
        told = [line for line in lines(capsys) if line["event"] == "a worker can't be started"]
    assert [line["reason"] for line in told] == ["[Errno 11] Resource temporarily unavailable"] * 3
