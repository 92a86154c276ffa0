"""The analysis page of the admin UI: a real repository, its findings as they come, and how they changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.admin_page import AdminPage, admin
from tests.integration.api_client import token_for
from tests.live import running, settings_for, with_keys
from tests.unit.integrations.code_analysis.repositories import WordLinter, commit, make_repository

HOSTILE = "<img src=x onerror=alert(1)>"


async def _number(page: AdminPage, label: str, number: int) -> None:
    tile = page.page.locator("main dl > div", has=page.page.locator("dt", has_text=label))
    await expect(tile.locator("dd > span").first).to_have_text(str(number))


async def test_a_repository_is_analysed_and_compared(chromium: Browser, tmp_path: Path) -> None:
    """Numbers, linters, the comparison and each finding are those of the API; filters stand in the address."""
    path = make_repository(tmp_path / "git" / "shop", {f"{HOSTILE}.json": "{", "old.json": "["})
    settings = settings_for(
        analysis__enabled=True,
        analysis__roots=[str(tmp_path / "git")],
        analysis__folder=str(tmp_path / "kept"),
        analysis__linters=["syntax", "yamllint"],
    )
    async with running(settings) as live, admin(live.url, chromium) as page:
        await page.open("analysis")
        await expect(page.text("Nothing has been analysed yet")).to_be_visible()
        await page.page.get_by_role("button", name="Analyse a repository").click()
        dialog = page.page.get_by_role("dialog")
        await dialog.get_by_label("Path").fill("/etc")
        await dialog.get_by_role("button", name="Analyse").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("Not allowed")
        await dialog.get_by_label("Path").fill(str(path))
        await dialog.get_by_role("button", name="Analyse").click()
        await expect(page.page).to_have_url(re.compile("/admin/analysis/a-"))
        await expect(page.page.locator("main dl").first).to_contain_text("Done")
        await _number(page, "Findings", 2)
        await page.page.get_by_role("link", name="All analyses").click()

        commit(path, {"old.json": "{}", "new.yaml": "a: 1\na:  2\n"})
        job = await page.post("/api/analyses", {"path": str(path)})
        found = page.panel("Found now").get_by_role("listitem").filter(has_text="new.yaml")
        await expect(found.first).to_contain_text("new")
        await page.page.locator(f"a[href$='{job['id']}']").click()
        await expect(page.page.locator("main dl").first).to_contain_text("Compared with")
        job = await page.get(f"/api/analyses/{job['id']}")
        await _number(page, "Findings", job["findings"])
        await _number(page, "New", job["comparison"]["new"])
        await _number(page, "Fixed", job["comparison"]["fixed"])
        assert job["comparison"]["fixed"] == 1
        for linter in job["linters"]:
            row = page.panel("Linters").get_by_role("row", name=linter["name"])
            await expect(row.get_by_role("cell").nth(3)).to_have_text(str(linter["findings"]))
        rows = page.panel("Findings").locator("tbody tr.ant-table-row")
        whole = await page.get(f"/api/analyses/{job['id']}/findings")
        await expect(rows).to_have_count(whole["total"])
        for row, finding in zip(await rows.all(), whole["findings"], strict=True):
            await expect(row).to_contain_text(finding["message"])
            await expect(row).to_contain_text(f"{finding['path']}:{finding['line']}")
        await page.is_accessible()

        await page.page.get_by_label("Linter").first.click()
        await page.page.get_by_title("syntax").click()
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text(f"{HOSTILE}.json")
        assert "linter=syntax" in page.page.url
        assert await page.page.locator("main img").count() == 0


async def test_an_analysis_is_watched_and_cancelled(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a phone: one that runs is seen at once, says how far it is, and ends when somebody says so twice."""
    path = make_repository(tmp_path / "shop", {"a.txt": "bad"})
    linter = WordLinter()
    linter.gate.clear()
    monkeypatch.setattr("hub.adapters.analysis.make_linters", lambda *_: [linter])
    settings = settings_for(
        analysis__enabled=True, analysis__roots=[str(tmp_path)], analysis__folder=str(tmp_path / "k")
    )
    async with running(settings) as live, admin(live.url, chromium, (390, 844)) as page:
        await page.open("analysis")
        job = await page.post("/api/analyses", {"path": str(path)})
        await linter.begun.wait()
        row = page.panel("Analyses").get_by_role("row", name=str(path))
        await expect(row).to_contain_text("Running")
        await row.get_by_role("link").click()
        await _number(page, "Files", 0)
        await page.fits()
        await page.page.get_by_role("button", name="Cancel").click()
        await page.page.get_by_role("tooltip").get_by_role("button", name="End it").click()
        await expect(page.page.locator("main dl").first).to_contain_text("Cancelled")
        job = await page.get(f"/api/analyses/{job['id']}")
        await expect(page.page.get_by_role("alert")).to_contain_text(job["reason"])


async def test_who_may_only_listen(chromium: Browser) -> None:
    """A token without the claim sees findings, of any shape, and can press nothing; off says so to operators."""
    async with running(settings := with_keys()) as live:
        assert not settings.analysis.enabled
        finding = {"rule": "E1", "message": HOSTILE, "file": "a.py", "line": 3}
        for data in (None, {"rule": 7, "message": ["x"]}, finding):
            await live.publish("ai_analysis", "analysis_finding", data)
        async with admin(live.url, chromium, token=token_for(live, "alice")) as page:
            await page.open("analysis")
            lines = page.panel("Found now").get_by_role("listitem")
            await expect(lines).to_have_count(3)
            await expect(lines.first).to_contain_text(f"E1{HOSTILE}")
            await expect(lines.first).to_contain_text("a.py:3")
            await expect(page.text("are for operators")).to_be_visible()
            await expect(page.page.locator("main").get_by_role("button")).to_have_count(0)
            await page.is_accessible()
            operator = token_for(live, "root", admin=True)
            await page.page.evaluate("token => sessionStorage.setItem('tocsin.token', token)", operator)
            await page.open("analysis")
            await expect(page.text("Code analysis is off")).to_be_visible()
            await expect(page.page.get_by_role("button", name="Analyse a repository")).to_be_hidden()
