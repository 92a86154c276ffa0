"""The proxy configuration in docs/topics/deploying.md, before the hub that the page configures."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import jwt
import pytest

from tests.docs.pages import page
from tests.docs.snippets import ADDRESS, settings_of
from tests.live import LiveHub, running
from tests.needs import is_absent

PAGE = page("docs/topics/deploying.md")

_MAIN = """
pid {folder}/nginx.pid;
error_log stderr warn;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {server}
}}
"""


@pytest.fixture(scope="module")
def nginx_path() -> str:
    """nginx, and openssl for its certificate."""
    if shutil.which("openssl") is None:
        is_absent("openssl", "apt-get install openssl")
    return shutil.which("nginx") or is_absent("nginx", "apt-get install nginx-light")


async def _certificate(folder: Path) -> None:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=hub.example.com -out cert.pem -keyout key.pem"
    )
    process = await asyncio.create_subprocess_exec(*command.split(), cwd=folder, stderr=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def _nginx(path: str, live: LiveHub, folder: Path) -> AsyncIterator[int]:
    """Run nginx with the page's server; yield its port."""
    await _certificate(folder)
    port = _free_port()
    (fence,) = [fence for fence in PAGE.fences if fence.language == "nginx"]
    server = fence.text.replace(ADDRESS, f"127.0.0.1:{live.port}").replace("listen 443", f"listen 127.0.0.1:{port}")
    server = server.replace("/etc/ssl/hub.example.com.pem", f"{folder}/cert.pem")
    server = server.replace("/etc/ssl/hub.example.com.key", f"{folder}/key.pem")
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers may not enter the folder
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user, server=server), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        path, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;", stderr=asyncio.subprocess.PIPE
    )
    try:
        yield await _accepting(port, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _accepting(port: int, process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(10):
        while True:
            assert process.returncode is None, (await process.communicate())[1].decode()
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return port


def _token(folder: Path) -> str:
    now = int(time.time())
    claims = {"sub": "alice", "aud": "tocsin", "iat": now, "exp": now + 600, "admin": True, "publish": ["*"]}
    return jwt.encode(claims, (folder / "key").read_text("utf-8"), "HS256", headers={"kid": "2026-11"})


async def test_a_browser_behind_nginx(nginx_path: str, tmp_path: Path) -> None:
    """It connects over TLS from the public origin, is known by its own address, and can't claim another."""
    async with running(settings_of(PAGE, tmp_path)) as live, _nginx(nginx_path, live, tmp_path) as port:
        url, token = f"https://127.0.0.1:{port}", _token(tmp_path)
        connector = aiohttp.TCPConnector(ssl=False, local_addr=("127.0.0.2", 0))
        common = {"Host": "hub.example.com", "Origin": "https://hub.example.com"}
        async with aiohttp.ClientSession(url, connector=connector, headers=common) as session:
            browser = {"X-Forwarded-For": "203.0.113.9", "Sec-WebSocket-Protocol": f"tocsin, bearer.{token}"}
            async with session.ws_connect("/ws", headers=browser) as ws:
                assert (await ws.receive_json())["user"] == "alice"
                await ws.send_json({"action": "subscribe", "channel": "ai_analysis"})
                assert (await ws.receive_json())["status"] == "success"
                caller = {"Authorization": f"Bearer {token}"}
                async with session.get("/api/connections", headers=caller) as answer:
                    (connection,) = (await answer.json())["connections"]
                body = {"channel": "ai_analysis", "type": "report", "data": "x" * 300_000}
                async with session.post("/api/publish", json=body, headers=caller) as answer:
                    assert answer.status == 200
                assert (await ws.receive_json())["data"] == body["data"]
    assert connection["address"] == "127.0.0.2"


async def test_foreign_pages_stay_out(nginx_path: str, tmp_path: Path) -> None:
    """Another origin is refused, and so is another name of the hub."""
    async with running(settings_of(PAGE, tmp_path)) as live, _nginx(nginx_path, live, tmp_path) as port:
        connector = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(f"https://127.0.0.1:{port}", connector=connector) as session:
            protocols = f"tocsin, bearer.{_token(tmp_path)}"
            for headers in (
                {"Host": "hub.example.com", "Origin": "https://evil.example"},
                {"Host": "evil.example", "Origin": "https://hub.example.com"},
            ):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect("/ws", headers={**headers, "Sec-WebSocket-Protocol": protocols})
                assert refused.value.status == 403
