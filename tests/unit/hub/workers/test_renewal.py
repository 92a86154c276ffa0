"""The configuration for workers that replace others."""

from __future__ import annotations

import pytest

from hub.options import LogOptions, Settings
from hub.settings import SettingsError
from hub.workers.renewal import renewed, reread_all
from tests.live import settings_for
from tests.unit.hub.logbook import lines, logging_as


def test_nearly_everything_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    """Also what a running hub can't take; but not what old and new workers must agree on, which is told."""
    new = settings_for(
        server__port=1,
        server__workers=7,
        websocket__path="/socket",
        redis__url="redis://127.0.0.1:1",
        database__url="postgresql://127.0.0.1:1/hub",
        limits__batch=3,
    )
    with logging_as(LogOptions(format="json")):
        settings = renewed(settings_for(), new)
        told = {line["option"] for line in lines(capsys)}
    assert told == {"server.port", "server.workers", "redis", "database"}
    assert settings == settings_for(websocket__path="/socket", limits__batch=3)


async def test_faults_change_nothing() -> None:
    """They are told as for a reload."""

    def broken() -> Settings:
        raise SettingsError(["server.port: expected a number"])

    assert await reread_all(settings_for(), broken) is None


async def test_it_is_read_anew() -> None:
    """From where it was read before."""
    assert await reread_all(settings_for(), lambda: settings_for(limits__batch=3)) == settings_for(limits__batch=3)
