"""Static files in memory: tags, compression, kinds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from hub.http.files import IMMUTABLE, StaticFile, read_folder

TEXT = b"a text that can be made shorter, and shorter, and shorter, and shorter"


async def ask(file: StaticFile, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await file.answer(make_mocked_request("GET", "/", headers=named))


@pytest.mark.parametrize("caching", ["no-cache", IMMUTABLE])
async def test_a_file_that_has_not_changed_is_not_sent(caching: str) -> None:
    """By its tag, which an upgrade changes with the content and with nothing else."""
    file = StaticFile(TEXT, "text/plain", caching)
    tag = (await ask(file)).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await ask(file, If_None_Match=known)
        assert (again.status, again.body) == (304, None)
        assert (again.headers["ETag"], again.headers["Cache-Control"]) == (tag, caching)
    assert (await ask(file, If_None_Match='"other"')).status == 200
    assert StaticFile(TEXT, "text/html").tag == tag != StaticFile(TEXT + b"!", "text/plain", caching).tag


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip, br", True),
        ("GZIP", True),
        ("gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
        ("br", False),
    ],
)
async def test_compression(accepted: str, compressed: bool) -> None:
    """For browsers that take it; the same bytes each time."""
    file = StaticFile(TEXT, "text/plain")
    response = await ask(file, Accept_Encoding=accepted)
    assert response.headers.get("Content-Encoding") == ("gzip" if compressed else None)
    assert response.headers["Vary"] == "Accept-Encoding"
    assert isinstance(response.body, bytes)
    assert (gzip.decompress(response.body) if compressed else response.body) == TEXT
    assert (await ask(file, Accept_Encoding=accepted)).body == response.body


def test_a_folder_is_read_with_all_below_it(tmp_path: Path) -> None:
    """By paths with slashes; a file of an unknown kind isn't guessed at, because a browser is not to run it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(TEXT)
    (tmp_path / "assets" / "data.weird-kind").write_bytes(b"x")
    found = read_folder(tmp_path)
    assert {name: (file.content, file.media) for name, file in found.items()} == {
        "index.html": (TEXT, "text/html"),
        "assets/data.weird-kind": (b"x", "application/octet-stream"),
    }


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    """What isn't built isn't served."""
    assert read_folder(tmp_path / "nowhere") == {}
