"""The trainings of all processes of a hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.adapters.rag_desk import RagDesk
from integrations.rag_trainer.jobs.queue import Busy, Wish
from tests.rag_jobs import placed, write_documents
from tests.unit.hub.http.api.calls import put_together


async def test_who_has_the_queue_takes_the_job(tmp_path: Path) -> None:
    """Another one that doesn't answer is said so; the job is told of and cancelled by its id."""
    write_documents(tmp_path / "documents", a="sleep=1000")
    async with placed(tmp_path) as place:
        peers = put_together().across.peers
        desk = RagDesk(place.trainings, peers)
        base = str(tmp_path / "documents")
        wish = Wish("t-1", base, base)
        with pytest.raises(Busy, match="doesn't answer"):
            await desk.submit(wish, "n-other")
        assert (await desk.submit(wish, peers.node))["id"] == "t-1"
        jobs, answers = await desk.all()
        assert ([job["id"] for job in jobs], answers.partial) == (["t-1"], False)
        assert (await desk.get("t-2", 0, 1))[0] is None
        assert (await desk.cancel("t-2"))[0] is None
