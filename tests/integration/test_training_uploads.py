"""Uploads of documents: bounded, under names that harm nothing, and gone when they are not wanted any more."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conformance.raw import RawClient, dialled
from tests.live import until
from tests.rag_hub import Place, placed
from tests.rag_jobs import COMMAND

HEAD = (
    "POST /train HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    "Content-Length: 100000\r\n\r\n"
)
PART = '--b\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n\r\n'


@pytest.fixture(autouse=True)
def doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers do what the documents say."""
    monkeypatch.setattr("hub.adapters.rag_trainer.WORKER", COMMAND)


def form_of(*files: tuple[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, content in files:
        form.add_field("files", content, filename=name)
    return form


def kept(folder: Path) -> list[Path]:
    """What is there of uploads; unlike `rglob`, `walk` doesn't mind folders that go meanwhile."""
    return sorted(Path(at, name) for at, folders, files in os.walk(folder / "uploads") for name in (*folders, *files))


@asynccontextmanager
async def half_sent(place: Place) -> AsyncIterator[RawClient]:
    """Send the beginning of a file; go on when the hub has written some of it."""
    async with dialled(place.live.port) as client:
        client.send((HEAD + PART.format("half.txt")).encode(), b"x" * 3_000)
        await until(lambda: any(path.is_file() for path in kept(place.folder)))
        yield client


async def answered(client: RawClient) -> tuple[int, dict[str, Any]]:
    head = await client.response()
    refusal: dict[str, Any] = json.loads(await client.body(head))["error"]
    return int(head.split()[1]), refusal


async def test_files_are_trained_and_then_gone(tmp_path: Path) -> None:
    """Under the last part of their names, each once; an empty file is for the trainer to judge."""
    async with placed(tmp_path) as place:
        form = form_of(("../../etc/a.txt", b"sleep=0"), ("A.txt", b"sleep=0"), ("C:\\x\\СП 48.txt", b""))
        status, job = await place.ask("POST", "/train", data=form)
        assert status == 202, job
        over = await place.over(job["id"])
        assert {file["name"] for file in over["files"]} == {"uploads/a.txt", "uploads/A-2.txt", "uploads/СП 48.txt"}
        await until(lambda: kept(tmp_path) == [])
        assert not (tmp_path.parent / "etc").exists()


async def test_what_goes_over_a_bound_is_refused(tmp_path: Path) -> None:
    """With the option that says so; nothing is kept, and nothing queued."""
    cases: list[tuple[list[tuple[str, bytes]], int, str]] = [
        ([("a.txt", b"x" * 1001)], 413, "rag_trainer.upload_bytes"),
        ([("a.txt", b"x" * 600), ("b.txt", b"x" * 600)], 413, "rag_trainer.upload_bytes"),
        ([("1.txt", b""), ("2.txt", b""), ("3.txt", b"")], 413, "rag_trainer.upload_files"),
        ([], 400, "expected at least one file"),
    ]
    async with placed(tmp_path, upload_bytes=1000, upload_files=2) as place:
        for files, status, words in cases:
            got, answer = await place.ask("POST", "/train", data=form_of(*files))
            assert got == status, answer
            assert answer["error"]["code"] == ("data_too_large" if status == 413 else "invalid_command")
            assert words in answer["error"]["message"]
            assert kept(tmp_path) == []
        assert (await place.ask("GET", "/train"))[1] == {"trainings": []}


NONE: list[tuple[str, str, int, str]] = [
    ("multipart/form-data; boundary=b", PART.format("a.txt") + "x", 400, "the upload"),
    ("multipart/form-data; boundary=b", "no boundary in here", 400, "the upload can't be read"),
    ("multipart/form-data", "x", 400, "boundary"),
    (
        "multipart/form-data; boundary=b",
        '--b\r\nContent-Disposition: form-data; name="files"\r\n\r\nx\r\n--b--\r\n',
        400,
        "-F files=@FILE",
    ),
    ("application/x-www-form-urlencoded", "folder=x", 415, "multipart/form-data (files)"),
    ("text/plain", "x", 415, "multipart/form-data (files)"),
    ("application/pdf", "%PDF", 415, "multipart/form-data (files)"),
]


async def test_what_is_no_upload_is_refused(tmp_path: Path) -> None:
    """And says what is one: a body that breaks off, has no parts, no boundary, no file name, or another type."""
    async with placed(tmp_path) as place:
        for type, body, status, words in NONE:
            got, answer = await place.ask("POST", "/train", data=body, headers={"Content-Type": type})
            assert got == status, answer
            assert words in answer["error"]["message"]
            assert kept(tmp_path) == []


async def test_one_that_stalls_is_given_up(tmp_path: Path) -> None:
    """After the time that an option sets; what came of it is removed."""
    async with placed(tmp_path, upload_timeout=0.3) as place, half_sent(place) as client:
        status, refusal = await answered(client)
        assert (status, refusal["code"]) == (400, "invalid_command")
        assert "rag_trainer.upload_timeout" in refusal["message"]
        assert kept(tmp_path) == []


async def test_too_many_at_once_are_refused(tmp_path: Path) -> None:
    """Until there is room again."""
    async with placed(tmp_path, uploads=1) as place:
        async with half_sent(place):
            status, answer = await place.ask("POST", "/train", data=form_of(("a.txt", b"")))
            assert (status, answer["error"]["code"]) == (503, "unavailable")
            assert "rag_trainer.uploads" in answer["error"]["message"]
        await until(lambda: kept(tmp_path) == [])
        trainer = place.live.hub.adapters.rag_trainer
        assert trainer is not None
        await until(lambda: trainer.uploading == 0)
        assert (await place.ask("POST", "/train", data=form_of(("a.txt", b""))))[0] == 202


async def test_who_hangs_up_leaves_nothing(tmp_path: Path) -> None:
    """No file, no folder, no job."""
    async with placed(tmp_path) as place:
        async with half_sent(place):
            assert kept(tmp_path)
        await until(lambda: kept(tmp_path) == [])
        assert (await place.ask("GET", "/train"))[1] == {"trainings": []}


async def test_a_full_queue_keeps_no_upload(tmp_path: Path) -> None:
    """The files go with the refusal."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "long.txt").write_text("sleep=1000")
    async with placed(tmp_path, queue=1, stop_timeout=0.0) as place:
        trainer = place.live.hub.adapters.rag_trainer
        assert trainer is not None
        await place.ask("POST", "/train")
        await until(lambda: trainer.trainings.counts() == (1, 0))
        assert (await place.ask("POST", "/train"))[0] == 202
        status, answer = await place.ask("POST", "/train", data=form_of(("a.txt", b"")))
        assert (status, kept(tmp_path)) == (503, [])
        assert "rag_trainer.queue" in answer["error"]["message"]
