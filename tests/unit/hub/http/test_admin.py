"""The admin UI's files and routes, on a build in miniature."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest
from aiohttp import ClientResponse, web

from channels.errors import ReplyError
from hub.http.admin import Admin, is_built
from hub.http.errors import error_response
from hub.http.middleware import Handler
from tests.unit.hub.http.served import Client, ask_raw, served

PAGE = '<!doctype html><head><base href="/admin/" /><script type="module" src="./assets/index-a1.js"></script></head>'
SCRIPT = "export const hub = 1;"


@web.middleware
async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals as the hub does."""
    try:
        return await handler(request)
    except ReplyError as error:
        return error_response(error)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build."""
    folder = tmp_path / "admin"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets" / "index-a1.js").write_text(SCRIPT)
    (folder / "bell.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("not for anybody")
    return folder


def app_of(folder: Path) -> web.Application:
    """An application with nothing but the admin UI."""
    app = web.Application(middlewares=[refusing])
    Admin(folder).add_to(app)
    return app


async def get(client: Client, path: str, method: str = "GET") -> ClientResponse:
    return await client.request(method, path, allow_redirects=False, headers={"Accept-Encoding": "identity"})


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/admin/", "./"),
        ("/admin/index.html", "./"),
        ("/admin/alerts", "./"),
        ("/admin/channels/room.1", "../"),
        ("/admin/channels/", "../"),
        ("/admin/channels/room%2F1", "../"),
        ("/admin/training/job/file.pdf?tab=a/b", "../../"),
    ],
)
async def test_every_view_is_the_page(folder: Path, path: str, base: str) -> None:
    """Its links lead to the same files from everywhere, a proxy's prefix before the path or not."""
    async with served(app_of(folder)) as client:
        response = await get(client, path)
        text = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    assert text == PAGE.replace('"/admin/"', f'"{base}"')
    assert response.headers["Cache-Control"] == "no-cache"
    for prefix in ("", "/hub/one"):
        assert (
            urljoin(urljoin(f"http://h{prefix}{path}", base), "./assets/x.js") == f"http://h{prefix}/admin/assets/x.js"
        )


async def test_the_page_is_right_in_another_application(folder: Path) -> None:
    """Mounted under a prefix, the depth is counted from there."""
    outer = web.Application()
    outer.add_subapp("/hub/one", app_of(folder))
    async with served(outer) as client:
        assert '<base href="../"' in await (await get(client, "/hub/one/admin/channels/c")).text()


async def test_styles_may_stand_in_the_page_but_no_scripts(folder: Path) -> None:
    """Ant Design writes <style>; nothing may run that isn't a file of the hub's."""
    async with served(app_of(folder)) as client:
        policy = (await get(client, "/admin/")).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["style-src"] == "'self' 'unsafe-inline'"
    assert rules.get("script-src", rules["default-src"]) == "'self'"
    assert rules["frame-ancestors"] == "'none'"


async def test_files(folder: Path) -> None:
    """Those with a hash in their name are kept for ever, others are asked for again."""
    async with served(app_of(folder)) as client:
        script = await get(client, "/admin/assets/index-a1.js")
        assert await script.text() == SCRIPT
        assert script.content_type in ("text/javascript", "application/javascript")
        assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert (await get(client, "/admin/bell.svg")).headers["Cache-Control"] == "no-cache"
        head = await get(client, "/admin/assets/index-a1.js", "HEAD")
        assert (head.status, head.headers["Content-Length"]) == (200, str(len(SCRIPT)))


@pytest.mark.parametrize("path", ["assets/index-old.js", "assets/", "assets/x/y", "favicon.ico", "a/" * 8])
async def test_a_file_that_is_not_there_is_no_page(folder: Path, path: str) -> None:
    """A browser would take the page for a script; it is refused as all else in the hub is."""
    async with served(app_of(folder)) as client:
        response = await get(client, f"/admin/{path}")
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        "/admin/../secret.txt",
        "/admin/%2e%2e/secret.txt",
        "/admin/assets/../../secret.txt",
        "/admin/assets/%2e%2e/%2e%2e/secret.txt",
        "/admin/..%2fsecret.txt",
        "/admin/..%5csecret.txt",
        "/admin//etc/passwd",
        "/admin/index.html%00.js",
    ],
)
async def test_there_is_no_path_to_climb(folder: Path, path: str) -> None:
    """Asked byte by byte: files are found by name among those that were read (CWE-22)."""
    async with served(app_of(folder)) as client:
        _, content = await ask_raw(client, path)
    assert b"not for anybody" not in content
    assert b"root:" not in content


async def test_without_the_slash_it_leads_there(folder: Path) -> None:
    """Relative, for the sake of a proxy's prefix."""
    async with served(app_of(folder)) as client:
        response = await get(client, "/admin")
    assert (response.status, response.headers["Location"]) == (302, "admin/")


async def test_unbuilt_it_says_how_to_build(tmp_path: Path) -> None:
    """To anybody who looks for it, wherever."""
    async with served(app_of(tmp_path)) as client:
        for path in ("/admin/", "/admin/channels/c", "/admin/assets/index-a1.js"):
            response = await get(client, path)
            assert (response.status, response.content_type) == (404, "text/html")
            assert "make admin" in await response.text()


def test_it_is_built_when_its_page_is_there(folder: Path, tmp_path: Path) -> None:
    """A folder alone is no build."""
    assert is_built(folder)
    assert not is_built(tmp_path)
