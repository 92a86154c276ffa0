"""Have a hub analyse a repository, and watch it: what is found comes on `ai_analysis` as it is found.

python examples/code_analysis.py /srv/git/name.git --url http://127.0.0.1:8080 --base main~5

The hub must allow the folder (`analysis.roots`). It needs aiohttp. A token, where the hub wants one, is an
operator's, and in $TOCSIN_TOKEN.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import Any

import aiohttp

ENDS = {"analysis_completed", "analysis_failed", "analysis_cancelled"}


def line(type: str, data: dict[str, Any]) -> str:
    """Write a message on one line."""
    if type == "analysis_started":
        return f"{data['files_total']} files at {data['commit'][:12]}: {', '.join(data['linters'])}"
    if type == "analysis_progress":
        return f"{data['progress']} % {data['linter'] or ''}".rstrip()
    if type == "analysis_finding":
        new = " (new)" if data["is_new"] else ""
        return f"{data['severity']} {data['file']}:{data['line']} {data['rule']}: {data['message']}{new}"
    if type == "analysis_completed":
        summary = data["summary"]["text"] if data["summary"] else "no summary"
        return f"{data['findings']} findings {data['by_severity']}; {summary}"
    return f"{type}: {data['reason']}"


async def main(url: str, path: str, base: str | None) -> None:
    """Start an analysis and follow it to its end."""
    token = os.environ.get("TOCSIN_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    socket = url.replace("http", "ws", 1) + "/ws"
    async with aiohttp.ClientSession(headers=headers) as http, http.ws_connect(socket) as ws:
        await ws.send_json({"action": "subscribe", "channel": "ai_analysis"})
        async with http.post(f"{url}/api/analyses", json={"path": path, "base": base}) as answer:
            job = await answer.json()
            if answer.status != 202:
                raise SystemExit(job["error"]["message"])
        async for message in ws:
            publication = message.json()
            data = publication.get("data")
            if isinstance(data, dict) and data.get("analysis_id") == job["id"]:
                print(line(publication["type"], data), flush=True)
                if publication["type"] in ENDS:
                    return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Have a repository analysed.")
    parser.add_argument("path", help="the repository, on the hub's machine")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--base", help="only what differs from this commit")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.url.rstrip("/"), arguments.path, arguments.base))
