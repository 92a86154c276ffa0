"""Secrets of named entries, through the whole of reading a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.configuration.named_secrets import with_named_secrets
from hub.sections.notifiers import NotifiersOptions
from hub.settings import SettingsError, Source, describe, load

MAIL = {"sender": "a@b.c", "to": ["d@e.f"]}


def problems(**overrides: Any) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load(Source(None, {}), {path.replace("__", "."): value for path, value in overrides.items()})
    assert "swordfish" not in str(error.value)
    return error.value.problems


def test_secrets_come_from_files(tmp_path: Path) -> None:
    """Of every entry, wherever it stands; shown are they never."""
    for name in ("url", "key", "secret"):
        (tmp_path / name).write_text(f"https://{name}.example/swordfish-of-some-length\n")
    settings = load(
        Source(None, {"TOCSIN_NOTIFIERS__SLACK__OPS__URL_FILE": str(tmp_path / "url")}),
        {
            "notifiers.pagerduty": {"oncall": {"routing_key_file": str(tmp_path / "key")}},
            "webhooks.github": {"enabled": True, "secret_file": str(tmp_path / "secret")},
        },
    )
    assert settings.notifiers.slack["ops"].url.get_secret_value() == "https://url.example/swordfish-of-some-length"
    assert settings.notifiers.pagerduty["oncall"].routing_key.get_secret_value().startswith("https://key")
    assert settings.webhooks.github.secret.get_secret_value().startswith("https://secret")
    assert "swordfish" not in describe(settings)


def test_what_is_missing_is_named() -> None:
    """By where it would stand."""
    assert problems(notifiers__slack={"ops": {}}, notifiers__webhook={"w": {"url": "http://a"}}) == [
        "notifiers.slack.ops.url: is missing; give url or url_file",
        "notifiers.webhook.w.secret: is missing; give secret or secret_file",
    ]
    assert problems(webhooks__gitea={"enabled": True}) == [
        "webhooks.gitea.secret: is missing; anyone could post. Give secret or secret_file"
    ]
    assert not load(Source(None, {}), {"webhooks.gitea.logins": True}).webhooks.gitea.enabled


def test_what_can_not_be_read_is_named(tmp_path: Path) -> None:
    """Once: that it is missing as well goes without saying."""
    (tmp_path / "empty").write_text("\n")
    assert problems(notifiers__slack={"ops": {"url_file": str(tmp_path / "none")}}) == [
        "notifiers.slack.ops.url_file: can't be read: No such file or directory"
    ]
    assert problems(notifiers__slack={"ops": {"url_file": str(tmp_path / "empty")}}) == [
        "notifiers.slack.ops.url_file: is empty"
    ]
    both = {"secret": "swordfish", "secret_file": str(tmp_path / "empty"), "enabled": True}
    assert problems(webhooks__github=both) == ["webhooks.github: give secret or secret_file, not both"]


@pytest.mark.parametrize(
    ("section", "value", "problem"),
    [
        ("webhooks.github", {"enabled": True, "secret": "swordfish"}, "secret: expected at least 16 bytes, got 9"),
        (
            "notifiers.webhook.w",
            {"url": "http://a", "secret": "swordfish"},
            "secret: expected at least 24 bytes, got 9",
        ),
        (
            "notifiers.webhook.w",
            {"url": "http://a", "secret": "whsec_swordfish/swordfish/!"},
            "secret: expected base64 after whsec_",
        ),
        (
            "notifiers.email.m",
            {**MAIL, "username": "u"},
            "username: needs password or password_file",
        ),
        (
            "webhooks.gitlab",
            {"enabled": True, "secret": "whsec_swordfish/swordfish/!"},
            "secret: expected base64 after whsec_",
        ),
        ("notifiers.email.m", {**MAIL, "tls_ca": "/nowhere/ca.pem"}, "tls_ca: can't be read, or holds no certificate"),
        (
            "notifiers.email.m",
            {**MAIL, "username": "u", "password": "swordfish", "tls": "none"},
            "tls: a password needs starttls or tls",
        ),
    ],
    ids=str,
)
def test_what_can_not_be_used_is_named(section: str, value: Any, problem: str) -> None:
    """Without what was given."""
    (found,) = problems(**{section.replace(".", "__"): value})
    assert found.startswith(f"{section}.{problem}")


def test_a_prefix_means_something_only_to_gitlab() -> None:
    """Elsewhere a secret is any text."""
    options = {"enabled": True, "secret": "whsec_is my dog's name!"}
    assert load(Source(None, {}), {"webhooks.github": options}).webhooks.github.enabled


def test_a_wrong_url_is_not_repeated() -> None:
    """It may be right but for its beginning, and a secret."""
    (found,) = problems(notifiers__slack={"ops": {"url": "hooks.slack.com/services/swordfish"}})
    assert found.startswith("notifiers.slack.ops.url: expected an address that begins with http:// or https://")


def test_other_sections_stay_as_they_are() -> None:
    """The same options come back where there is nothing to read."""
    options = NotifiersOptions()
    assert with_named_secrets(options, "notifiers", []) == options
