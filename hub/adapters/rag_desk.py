"""The trainings of all processes of a hub: one process has the queue of a folder, and each tells of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from channels.clock import iso
from hub.adapters.desk import Desk
from hub.peers import Answerer, Answers, Peers, Question
from integrations.rag_trainer.jobs.job import Job
from integrations.rag_trainer.jobs.queue import Busy, Trainings, Wish


class RagDesk:
    """Takes, tells of and cancels jobs, wherever the queue is."""

    def __init__(self, trainings: Trainings, peers: Peers) -> None:
        self._trainings = trainings
        self._peers = peers
        answerers: dict[str, Answerer] = {
            "submit training": self._asked_to_submit,
            "list trainings": self._asked_for_all,
            "get training": self._asked_for_one,
            "cancel training": self._asked_to_cancel,
        }
        self._desk = Desk(peers, answerers)

    async def submit(self, wish: Wish, holder: str) -> dict[str, Any]:
        """Hand a job to the process that has the queue.

        Raises:
            Busy: it takes none, or doesn't answer.
            OSError: it can't be written down.
        """
        if holder == self._peers.node:
            job = await self._trainings.submit(wish)
            return self._described(job)
        answers = await self._peers.ask("submit training", {"to": holder, "wish": asdict(wish)})
        answer = answers.by_node.get(holder)
        if answer is None:
            raise Busy("the process that has the queue of trainings doesn't answer; try again")
        if "refused" in answer:
            raise Busy(answer["refused"])
        taken: dict[str, Any] = answer["job"]
        return taken

    async def all(self) -> tuple[list[dict[str, Any]], Answers]:
        """Return all jobs that are known, the newest first, and who was asked."""
        return await self._desk.all("list trainings")

    async def get(self, id: str, offset: int, limit: int) -> tuple[dict[str, Any] | None, Answers]:
        """Return a job with a piece of its files, and who was asked for it."""
        return await self._desk.find("get training", {"id": id, "offset": offset, "limit": limit})

    async def cancel(self, id: str) -> tuple[bool | None, Answers]:
        """End a job: `False` when it is over already, `None` when nobody knows it."""
        return await self._desk.find("cancel training", {"id": id})

    async def _asked_to_submit(self, about: Question) -> dict[str, Any] | None:
        if about["to"] != self._peers.node:
            return None
        wish = about["wish"]
        files = None if wish["files"] is None else tuple(wish["files"])
        try:
            job = await self._trainings.submit(Wish(**{**wish, "files": files}))
        except Busy as error:
            return {"refused": str(error)}
        except OSError as error:
            return {"refused": f"the job can't be written down: {error.strerror or error}"}
        return {"job": self._described(job)}

    async def _asked_for_all(self, _about: Question) -> list[dict[str, Any]]:
        return [self._described(job) for job in self._trainings.all()]

    async def _asked_for_one(self, about: Question) -> dict[str, Any] | None:
        job = self._trainings.get(str(about["id"]))
        if job is None:
            return None
        files = await self._trainings.files(job, int(about["offset"]), int(about["limit"]))
        return self._described(job) | {"files": files}

    async def _asked_to_cancel(self, about: Question) -> bool | None:
        id = str(about["id"])
        return None if self._trainings.get(id) is None else await self._trainings.cancel(id)

    def _described(self, job: Job) -> dict[str, Any]:
        """Return what there is to say of a job, as JSON; what isn't known is left out."""
        record = job.record
        last = record.last or job.progress.last
        known = {
            "started": None if record.started is None else iso(record.started),
            "ended": None if record.ended is None else iso(record.ended),
            "reason": record.reason,
            "queue_position": self._trainings.position(job),
            "last_update": None if last is None else last.model_dump(mode="json"),
        }
        return {
            "id": record.id,
            "node": self._peers.node,
            "folder": record.folder,
            "state": record.state,
            "cancelling": self._trainings.is_ending(job),
            "created": iso(record.created),
            "files_total": record.files_total,
            "trained": record.trained,
            "skipped": record.skipped,
            "failed": record.failed,
            "chunks": record.chunks,
            "progress": 0.0 if last is None else last.overall_progress,
            **{name: value for name, value in known.items() if value is not None},
        }
