"""Secrets in files, and what must hold between options."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hub.configuration.checks import SECRET_MIN, cross_checks, with_passwords, with_secrets
from hub.options import AuthOptions, KeyOptions, ServerOptions, Settings
from hub.sections.redis import RedisOptions

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


def redis_problems(**options: object) -> list[str]:
    """Return what is wrong with a section `redis`."""
    settings = Settings(redis=RedisOptions.model_validate(options))
    return cross_checks(settings, [])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"url": "redis://host"},
        {"url": "redis://host/1", "username": "hub", "password": "p"},
        {"url": "unix:///run/redis.sock", "password": "p"},
        {"url": "redis://a,b", "mode": "cluster"},
        {"url": "redis://a,b/2", "mode": "sentinel", "master": "main", "sentinel_password": "p"},
        {"url": "rediss://a", "tls_ca": __file__, "tls_certificate": __file__, "tls_key": __file__},
        {"url": "rediss://a", "tls_server_name": "redis.internal"},
    ],
)
def test_a_redis_that_can_be_used(options: dict[str, object]) -> None:
    """Each kind of server, with what belongs to it."""
    assert redis_problems(**options) == []


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({"mode": "cluster", "username": "u"}, ["redis.mode: needs redis.url", "redis.username: needs redis.url"]),
        ({"url": "redis://h:hunter2"}, ["redis.url: expected redis://host:port/db"]),
        ({"url": "redis://h/x"}, ["redis.url: expected a number as database"]),
        ({"url": "redis://a,b"}, ["redis.url: has several hosts"]),
        ({"url": "unix:///s", "mode": "cluster"}, ["redis.url: a Unix socket leads to a single server"]),
        ({"url": "redis://a/1", "mode": "cluster"}, ["redis.url: a cluster has database 0 only"]),
        ({"url": "redis://a", "mode": "sentinel"}, ["redis.master: needs redis.mode: sentinel"]),
        ({"url": "redis://a", "master": "main"}, ["redis.master: needs redis.mode: sentinel"]),
        ({"url": "redis://a", "sentinel_password": "hunter2"}, ["redis.sentinel_username, redis.sentinel_password"]),
        ({"url": "redis://a", "username": "u"}, ["redis.username: needs redis.password or redis.password_file"]),
        ({"url": "redis://a", "tls_ca": __file__}, ["redis.tls_ca: needs a redis.url that begins with rediss://"]),
        ({"url": "rediss://a", "tls_certificate": __file__}, ["redis.tls_certificate: needs redis.tls_key"]),
        ({"url": "rediss://a", "tls_ca": "/missing"}, ["redis.tls_ca: can't be read"]),
    ],
)
def test_a_redis_that_contradicts_itself(options: dict[str, object], problems: list[str]) -> None:
    """Said before anything is started, and without secrets."""
    found = redis_problems(**options)
    assert len(found) == len(problems)
    assert all(text.startswith(expected) for text, expected in zip(found, problems, strict=True))
    assert "hunter2" not in str(found)


def test_a_redis_section_that_is_reported_already_is_not_judged() -> None:
    """What was left out of it may be what is missing."""
    settings = Settings(redis=RedisOptions(mode="cluster"))
    assert cross_checks(settings, [("redis", "url")]) == []


def test_redis_passwords_are_read_from_their_files(tmp_path: Path) -> None:
    """Both of them; a file that can't serve is reported, and its text isn't."""
    (tmp_path / "password").write_text("p1\n")
    (tmp_path / "sentinel").write_text("p2\n")
    (tmp_path / "empty").write_text("\n")
    problems: list[str] = []
    files = {"password_file": str(tmp_path / "password"), "sentinel_password_file": str(tmp_path / "sentinel")}
    options = with_passwords(RedisOptions.model_validate({"url": "redis://h", **files}), problems)
    assert (options.password.get_secret_value(), options.sentinel_password.get_secret_value()) == ("p1", "p2")
    assert problems == []
    with_passwords(RedisOptions.model_validate({**files, "password": "p3"}), problems)
    with_passwords(RedisOptions(password_file=str(tmp_path / "missing")), problems)
    with_passwords(RedisOptions(sentinel_password_file=str(tmp_path / "empty")), problems)
    assert problems == [
        "redis: give password or password_file, not both",
        "redis.password_file: can't be read: No such file or directory",
        "redis.sentinel_password_file: is empty",
    ]
