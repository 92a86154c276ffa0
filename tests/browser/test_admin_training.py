"""The training page of the admin UI: real documents through all stages, a question to them, and what may be done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.browser.admin_page import admin
from tests.browser.test_socketio_training import ENGLISH, PATIENCE, RUSSIAN
from tests.integration.api_client import token_for
from tests.live import running, settings_for, with_keys
from tests.rag_hub import placed
from tests.rag_jobs import COMMAND, write_documents

pytestmark = pytest.mark.timeout(180)

HOSTILE = "<img src=x onerror=alert(1)>"


async def test_uploaded_documents_are_trained_and_asked(chromium: Browser, tmp_path: Path) -> None:
    """Each document shows its stages and why it failed, as the API says; then a question finds its passage."""
    texts = {
        "slab.txt": ENGLISH.format(number=2),
        f"{HOSTILE}.md": RUSSIAN.format(number=1),
        "bad.docx": "PK\3\4 no zip",
    }
    files = [FilePayload(name=name, mimeType="text/plain", buffer=text.encode()) for name, text in texts.items()]
    async with placed(tmp_path) as place, admin(place.live.url, chromium) as page:
        await page.open("training")
        await expect(page.text("Nothing has been trained yet")).to_be_visible()
        await page.page.get_by_role("button", name="Train documents").click()
        dialog = page.page.get_by_role("dialog")
        await dialog.get_by_text("Upload").click()
        await expect(dialog.get_by_role("button", name="Train", exact=True)).to_be_disabled()
        await dialog.locator("input[type=file]").set_input_files(files)
        await dialog.get_by_role("button", name="Train", exact=True).click()
        await expect(page.page).to_have_url(re.compile("/admin/training/t-"))

        tiles = page.page.locator("main dl").first
        await expect(tiles).to_contain_text("Done", timeout=PATIENCE)
        id = page.page.url.rpartition("/")[2]
        job = await page.get(f"/train/{id}")
        assert (job["trained"], job["failed"]) == (2, 1)
        for label, field in (("Trained", "trained"), ("Failed", "failed"), ("Chunks", "chunks")):
            tile = tiles.locator("> div", has=page.page.locator("dt", has_text=label))
            await expect(tile.locator("dd > span").first).to_have_text(str(job[field]))
        documents = page.panel("Documents").locator("li[data-state]")
        for shown, said in zip(await documents.all(), job["files"], strict=True):
            await expect(shown).to_contain_text(said["name"])
            done = 14 if said["state"] == "trained" else said["stage"] - 1
            await expect(shown.locator("[data-cell=done]")).to_have_count(done)
        broken = documents.filter(has_text="bad.docx")
        await expect(broken).to_contain_text("Failed: corrupt")
        await expect(broken).to_contain_text(next(said["text"] for said in job["files"] if said["state"] == "failed"))
        await page.is_accessible()

        await page.page.get_by_role("link", name="All trainings").click()
        await expect(page.panel("Jobs").get_by_role("row", name=id)).to_contain_text("2 trained, 0 skipped, 1 failed")
        first = page.panel("What trainings say").get_by_role("listitem").first
        await expect(first).to_contain_text(job["last_update"]["log"])
        await page.page.keyboard.press("/")
        await page.page.keyboard.type("How long is the slab kept wet?")
        await page.page.keyboard.press("Enter")
        passages = page.panel("Ask what was trained").locator("blockquote")
        await expect(passages.first).to_contain_text("Keep it wet for 7 days", timeout=PATIENCE)
        answer = await page.post("/query", {"text": "How long is the slab kept wet?"})
        await expect(passages).to_have_count(len(answer["passages"]))
        assert await page.page.locator("main img").count() == 0


async def test_a_training_is_watched_and_cancelled(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a phone: the stage that is under way is seen, and the job ends after it when somebody says so twice."""
    monkeypatch.setattr("hub.adapters.rag_trainer.WORKER", COMMAND)
    write_documents(tmp_path / "documents", a="fail=1", b="sleep=0.8")
    async with placed(tmp_path) as place, admin(place.live.url, chromium, (390, 844)) as page:
        await page.open("training")
        job = await page.post("/train", {})
        await page.page.get_by_role("link", name=job["id"]).click()
        documents = page.panel("Documents").locator("li[data-state]")
        await expect(documents.nth(0)).to_contain_text("Failed: broken", timeout=PATIENCE)
        await expect(documents.nth(1).locator("[data-cell=now]")).to_have_count(1)
        await expect(documents.nth(1).locator("[data-cell=done]").nth(2)).to_be_visible()
        await page.fits()
        await page.page.get_by_role("button", name="Cancel").click()
        await page.page.get_by_role("tooltip").get_by_role("button", name="End it").click()
        await expect(page.page.locator("main dl").first).to_contain_text("Cancelled", timeout=PATIENCE)
        await expect(documents.nth(1)).to_contain_text("Cancelled")
        job = await page.get(f"/train/{job['id']}")
        assert [said["state"] for said in job["files"]] == ["failed", "cancelled"]
        await expect(page.page.get_by_role("button", name="Cancel")).to_be_hidden()


async def test_who_may_only_listen(chromium: Browser, tmp_path: Path) -> None:
    """A token without the claim sees what trainings say, of any shape, and can press nothing; off says how to."""
    settings = with_keys(rag_trainer__enabled=True, rag_trainer__folder=str(tmp_path))
    async with running(settings) as live, admin(live.url, chromium, token=token_for(live, "alice")) as page:
        for data in (None, {"stage": 3, "log": ["x"]}, {"stage": "3/14", "log": HOSTILE, "status": "skipped"}):
            await live.publish("training", "stage_update", data)
        await page.open("training")
        lines = page.panel("What trainings say").get_by_role("listitem")
        await expect(lines).to_have_count(3)
        await expect(lines.first).to_contain_text(f"{HOSTILE}Skipped")
        await expect(page.text("are for operators")).to_be_visible()
        await expect(page.page.locator("main").get_by_role("button")).to_have_count(0)
        await page.is_accessible()
    async with running(settings_for()) as live, admin(live.url, chromium) as page:
        await page.open("training")
        await expect(page.text("The trainer is off")).to_be_visible()
        await expect(page.page.get_by_role("button", name="Train documents")).to_be_hidden()
