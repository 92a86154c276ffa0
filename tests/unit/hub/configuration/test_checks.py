"""Secrets in files, and what must hold between options."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hub.configuration.checks import SECRET_MIN, cross_checks, with_secrets
from hub.options import AuthOptions, KeyOptions, ServerOptions, Settings

SECRET = "first-secret-of-at-least-32-bytes!!"


def key(id: str = "k1", secret: str = "", secret_file: str = "") -> KeyOptions:
    """Make a key."""
    return KeyOptions(id=id, secret=SecretStr(secret), secret_file=secret_file)


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    """Without the line feed that editors put at the end."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    problems: list[str] = []
    auth = with_secrets(AuthOptions(keys=(key(secret_file=str(file)), key("k2", SECRET))), problems)
    assert problems == []
    assert [k.secret.get_secret_value() for k in auth.keys] == [SECRET, SECRET]


def problems_with(*keys: KeyOptions) -> list[str]:
    """Return what is wrong with keys."""
    problems: list[str] = []
    with_secrets(AuthOptions(keys=keys), problems)
    return problems


def test_secrets_that_cant_be_used(tmp_path: Path) -> None:
    """Every key is looked at, and no secret is repeated."""
    (tmp_path / "short").write_text("hunter2")
    (tmp_path / "binary").write_bytes(b"\xff" * 64)
    found = problems_with(
        key(secret="hunter2"),
        key(),
        key(secret=SECRET, secret_file=str(tmp_path / "short")),
        key(secret_file=str(tmp_path / "missing")),
        key(secret_file=str(tmp_path / "binary")),
        key(secret_file=str(tmp_path)),
        key(secret_file=str(tmp_path / "short")),
        key(secret_file="\0"),
    )
    assert found == [
        f"auth.keys.0.secret: expected at least {SECRET_MIN} bytes, got 7; `openssl rand -base64 48` makes one",
        f"auth.keys.1.secret: expected at least {SECRET_MIN} bytes, got 0; `openssl rand -base64 48` makes one",
        "auth.keys.2: give secret or secret_file, not both",
        "auth.keys.3.secret_file: can't be read: No such file or directory",
        "auth.keys.4.secret_file: can't be read: not a text in UTF-8",
        "auth.keys.5.secret_file: can't be read: Is a directory",
        f"auth.keys.6.secret: expected at least {SECRET_MIN} bytes, got 7; `openssl rand -base64 48` makes one",
        "auth.keys.7.secret_file: can't be read: not a text in UTF-8",
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "hub.example.com"])
def test_an_open_hub_listens_on_loopback_only(host: str) -> None:
    """Whoever can reach it may do everything."""
    settings = Settings(server=ServerOptions(host=host))
    (problem,) = cross_checks(settings, [])
    assert problem.startswith(f"server.host: {host} can be reached from other machines, and auth.keys is empty")
    assert cross_checks(settings.model_copy(update={"auth": AuthOptions(keys=(key(),))}), []) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_loopback_needs_no_keys(host: str) -> None:
    """This machine's own users."""
    assert cross_checks(Settings(server=ServerOptions(host=host)), []) == []


@pytest.mark.parametrize(
    "wrong", [("auth",), ("auth", "keys"), ("auth", "keys", "0", "id"), ("server",), ("server", "host")]
)
def test_what_depends_on_a_wrong_option_is_not_judged(wrong: tuple[str, ...]) -> None:
    """Keys that can't be read are not keys that are missing."""
    assert cross_checks(Settings(server=ServerOptions(host="0.0.0.0")), [wrong]) == []
    assert cross_checks(Settings(server=ServerOptions(host="0.0.0.0")), [("server", "port")]) != []


def test_keys_have_ids_of_their_own() -> None:
    """Which of two would `kid` mean?"""
    settings = Settings(auth=AuthOptions(keys=(key("b"), key("a"), key("b"), key("b"))))
    assert cross_checks(settings, []) == ["auth.keys: two keys are called b"]


@pytest.mark.parametrize("changes", [{"tls_certificate": "a.pem"}, {"tls_key": "a.pem"}])
def test_a_certificate_needs_its_key(changes: dict[str, str]) -> None:
    """And the other way round."""
    settings = Settings(server=ServerOptions.model_validate(changes))
    assert cross_checks(settings, []) == ["server.tls_certificate: needs server.tls_key, and the other way round"]
