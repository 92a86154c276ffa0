"""Reading the configuration again: what is taken at once, and what waits for a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.configuration.catalog import kind_at
from hub.options import LogOptions, Settings
from hub.reload import LIVE, plan, read, reread, tls_context
from hub.settings import SettingsError
from tests.integration.certificate import make_certificate
from tests.live import settings_for
from tests.unit.hub.logbook import lines, logging_as

OLD_KEY = {"id": "old", "secret": "o" * 32}
NEW_KEY = {"id": "new", "secret": "n" * 32}


def changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[set[str], set[str]]:
    planned = plan(settings_for(**old), settings_for(**new))
    return set(planned.taken), set(planned.restart)


def test_nothing_changed() -> None:
    """Then there is nothing to take."""
    assert changes({}, {}) == (set(), set())


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({"server__hosts": ["a.example"]}, "server.hosts"),
        ({"server__drain": 3.0}, "server.drain"),
        ({"limits__batch": 3}, "limits.batch"),
        ({"log__level": "debug"}, "log.level"),
        ({"channels__named": {"deploys": {}}}, "channels"),
        ({"channels__defaults": {"history_size": 3}}, "channels"),
        ({"auth__anonymous": True}, "auth.anonymous"),
    ],
)
def test_what_a_running_hub_takes(options: dict[str, Any], taken: str) -> None:
    """It is in force at once."""
    assert changes({}, options) == ({taken}, set())
    assert plan(settings_for(), settings_for(**options)).settings == settings_for(**options)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"server__port": 1}, "server.port"),
        ({"server__workers": 2}, "server.workers"),
        ({"websocket__heartbeat": 1.0}, "websocket.heartbeat"),
        ({"limits__channels": 3}, "limits.channels"),
        ({"redis__url": "redis://127.0.0.1:1"}, "redis.url"),
        ({"auth__max_lifetime": 60.0}, "auth.max_lifetime"),
        ({"system_stats__interval": 1.0}, "system_stats.interval"),
    ],
)
def test_what_needs_a_restart(options: dict[str, Any], path: str) -> None:
    """Stays as it was, whatever else is taken."""
    assert changes({}, options) == (set(), {path})
    both = plan(settings_for(), settings_for(limits__batch=3, **options))
    assert (both.taken, both.restart) == (("limits.batch",), (path,))
    assert both.settings == settings_for(limits__batch=3)


def test_keys_replace_keys() -> None:
    """But the first one, and the end of the last one, change who everybody is."""
    old, new = {"auth__keys": [OLD_KEY]}, {"auth__keys": [NEW_KEY]}
    assert changes(old, new) == ({"auth.keys"}, set())
    assert changes({}, new) == (set(), {"auth.keys"})
    assert changes(old, {}) == (set(), {"auth.keys"})
    assert plan(settings_for(**old), settings_for()).settings.auth.keys[0].id == "old"


def test_a_channel_that_states_what_it_inherited_has_changed() -> None:
    """What it states wins over a more general section later."""
    assert changes({}, {"channels__room": {"history_size": 100}}) == ({"channels"}, set())


def test_every_option_that_is_named_exists() -> None:
    """A name that is misspelt here would never be taken."""
    assert [
        (section, name) for section, names in LIVE.items() for name in names if kind_at((section, name)) is None
    ] == []


async def test_faults_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each, and nothing else."""

    def broken() -> Settings:
        raise SettingsError(["server.port: expected a number", "limits.bacth: no such option"])

    with logging_as(LogOptions(format="json")):
        assert await read(broken) is None
        told = lines(capsys)
    assert [line["event"] for line in told] == [
        "the configuration can't be used; nothing is changed",
        "server.port: expected a number",
        "limits.bacth: no such option",
    ]
    assert {line["level"] for line in told} == {"error"}


async def test_a_certificate_that_can_not_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is a fault of the configuration like any other."""
    missing = str(tmp_path / "missing.pem")
    settings = settings_for(server__tls_certificate=missing, server__tls_key=missing)
    with logging_as(LogOptions(format="json")):
        assert await reread(settings, lambda: settings) is None
        (line,) = lines(capsys)
    assert line["event"].startswith("server.tls_certificate, server.tls_key: can't be used")


async def test_what_needs_a_restart_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With its name; origins are taken by half."""
    new = settings_for(server__port=1, server__origins=["https://a.example"])
    with logging_as(LogOptions(format="json")):
        planned = await reread(settings_for(), lambda: new)
        told = {line["option"]: line["event"] for line in lines(capsys)}
    assert planned is not None
    assert planned.settings.server.origins == ("https://a.example",)
    assert told["server.port"] == "needs a restart; until then the old value holds"
    assert "CORS" in told["server.origins"]
    assert len(told) == 2


def test_tls(tmp_path: Path) -> None:
    """Only with a certificate."""
    made = make_certificate(tmp_path)
    with_tls = settings_for(server__tls_certificate=str(made.certificate), server__tls_key=str(made.key))
    assert tls_context(settings_for().server) is None
    assert tls_context(with_tls.server) is not None
    assert plan(settings_for(), with_tls).restart == ("server.tls_certificate", "server.tls_key")
