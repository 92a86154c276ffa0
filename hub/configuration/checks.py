"""What the options' types can't say: secrets that stand in files, and what must hold between options."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from hub.configuration.catalog import OptionPath
from hub.database.need import who_needs_a_database
from hub.hosts import is_loopback
from hub.option_types import Section
from hub.options import AuthOptions, KeyOptions, Settings
from hub.redis_settings import redis_of
from hub.sections.database import DatabaseOptions
from hub.sections.redis import RedisOptions

SectionT = TypeVar("SectionT", bound=Section)

SECRET_MIN = 32
"""Shortest secret of an HS256 key, in bytes (RFC 7518, section 3.2)."""

_OF_TLS = ("tls_ca", "tls_certificate", "tls_key", "tls_server_name")
_NEED_URL = ("mode", "master", "username", *_OF_TLS)
"""Options of the section `redis` that mean nothing without a Redis of one's own: who sets them forgot the URL."""


def with_secrets(auth: AuthOptions, problems: list[str]) -> AuthOptions:
    """Return the same options with every key's secret in place, read from its file where it has one."""
    keys = tuple(_with_secret(key, f"auth.keys.{number}", problems) for number, key in enumerate(auth.keys))
    return auth.model_copy(update={"keys": keys})


def with_passwords(redis: RedisOptions, problems: list[str]) -> RedisOptions:
    """Return the same options with the passwords in place, read from their files where they have one."""
    for name in ("password", "sentinel_password"):
        redis = with_secret(redis, "redis", name, problems)
    return redis


def with_secret(options: SectionT, section: str, name: str, problems: list[str]) -> SectionT:
    """Return the same options with the secret `name` in place, read from the file that `name`_file names, if any."""
    file = getattr(options, f"{name}_file")
    if not file:
        return options
    if getattr(options, name).get_secret_value():
        problems.append(f"{section}: give {name} or {name}_file, not both")
    elif (text := _secret_in(file, f"{section}.{name}_file", problems)) == "":
        problems.append(f"{section}.{name}_file: is empty")
    elif text is not None:
        return options.model_copy(update={name: SecretStr(text)})
    return options


def cross_checks(settings: Settings, wrong: Collection[OptionPath]) -> list[str]:
    """Check options against each other.

    Args:
        wrong: paths that are reported already. What depends on one of them is not judged.
    """
    server, auth = settings.server, settings.auth
    problems: list[str] = []
    judged = not any(path[:1] == ("auth",) or path[:2] in (("server",), ("server", "host")) for path in wrong)
    if judged and not auth.keys and not is_loopback(server.host):
        problems.append(
            f"server.host: {server.host} can be reached from other machines, and auth.keys is empty; "
            "set auth.keys (TOCSIN_AUTH__KEYS__0__ID and TOCSIN_AUTH__KEYS__0__SECRET), or listen on 127.0.0.1"
        )
    ids = [key.id for key in auth.keys]
    problems += [f"auth.keys: two keys are called {name}" for name in sorted({n for n in ids if ids.count(n) > 1})]
    if bool(server.tls_certificate) != bool(server.tls_key):
        problems.append("server.tls_certificate: needs server.tls_key, and the other way round")
    if not any(path[:1] == ("redis",) for path in wrong):
        problems += _redis_checks(settings.redis)
    if not any(path[:1] == ("agents",) for path in wrong):
        problems += settings.agents.complaints()
    if not any(path[:1] == ("alerts",) for path in wrong):
        problems += settings.alerts.problems()
    if not any(path[:1] == ("database",) for path in wrong):
        problems += _database_checks(settings)
    if not any(path[:1] == ("analysis",) for path in wrong):
        problems += settings.analysis.complaints()
    if not any(path[:1] == ("rag_trainer",) for path in wrong):
        problems += settings.rag_trainer.complaints()
    return problems


def _database_checks(settings: Settings) -> list[str]:
    """Check what the section `database` says against itself, and against who needs a database."""
    options = settings.database
    problems: list[str] = []
    if options.min_size > options.max_size:
        problems.append(f"database.min_size: is {options.min_size}, above database.max_size ({options.max_size})")
    if options.shrink_below >= options.grow_above:
        problems.append(
            f"database.shrink_below: is {options.shrink_below}, not below database.grow_above ({options.grow_above}); "
            "without a gap the pool would swing"
        )
    if not options.url:
        given = [
            name
            for name in ("user", "password")
            if getattr(options, name) != DatabaseOptions.model_fields[name].default
        ]
        problems += [f"database.{name}: needs database.url" for name in given]
        if options.embedded == "never":
            problems += [
                f"{needing}: needs a database; set database.url, or database.embedded: auto"
                for needing in who_needs_a_database(settings)
            ]
    elif options.user and "@" in options.url:
        problems.append("database.user: database.url names a user already")
    return problems


def _redis_checks(options: RedisOptions) -> list[str]:
    """Check what the section `redis` says against itself."""
    if not options.url:
        given = [name for name in _NEED_URL if getattr(options, name) != RedisOptions.model_fields[name].default]
        return [f"redis.{name}: needs redis.url" for name in given]
    try:
        redis = redis_of(options)
    except ValueError as error:
        return [f"redis.url: {error}"]
    problems = []
    if options.mode == "single" and len(redis.addresses) > 1:
        problems.append("redis.url: has several hosts; one for a single server, or set redis.mode")
    if options.mode != "single" and not redis.addresses[0].port:
        problems.append(f"redis.url: a Unix socket leads to a single server, and redis.mode is {options.mode}")
    if options.mode == "cluster" and redis.database:
        problems.append("redis.url: a cluster has database 0 only")
    if (options.mode == "sentinel") != bool(options.master):
        problems.append("redis.master: needs redis.mode: sentinel, and the other way round")
    if options.mode != "sentinel" and (options.sentinel_username or options.sentinel_password.get_secret_value()):
        problems.append("redis.sentinel_username, redis.sentinel_password: need redis.mode: sentinel")
    for name, password in (("", redis.password), ("sentinel_", redis.sentinel_password)):
        if getattr(redis, f"{name}username") and not password:
            problems.append(f"redis.{name}username: needs redis.{name}password or redis.{name}password_file")
    return problems + _redis_tls_checks(options, redis.tls)


def _redis_tls_checks(options: RedisOptions, tls: bool) -> list[str]:
    given = [name for name in _OF_TLS if getattr(options, name)]
    if given and not tls:
        return [f"redis.{name}: needs a redis.url that begins with rediss://" for name in given]
    problems = []
    if bool(options.tls_certificate) != bool(options.tls_key):
        problems.append("redis.tls_certificate: needs redis.tls_key, and the other way round")
    files = [name for name in given if name != "tls_server_name"]
    return problems + [f"redis.{name}: can't be read" for name in files if not _readable(getattr(options, name))]


def _readable(file: str) -> bool:
    try:
        with Path(file).open("rb") as opened:
            opened.read(1)
    except (OSError, ValueError):
        return False
    return True


def _with_secret(key: KeyOptions, path: str, problems: list[str]) -> KeyOptions:
    if key.secret_file:
        if key.secret.get_secret_value():
            problems.append(f"{path}: give secret or secret_file, not both")
            return key
        text = _secret_in(key.secret_file, f"{path}.secret_file", problems)
        if text is None:
            return key
        key = key.model_copy(update={"secret": SecretStr(text)})
    length = len(key.secret.get_secret_value().encode())
    if length < SECRET_MIN:
        problems.append(
            f"{path}.secret: expected at least {SECRET_MIN} bytes, got {length}; `openssl rand -base64 48` makes one"
        )
    return key


def _secret_in(file: str, path: str, problems: list[str]) -> str | None:
    """Read a secret, without the line feed that editors put at the end; `None` if it can't be read."""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        problems.append(f"{path}: can't be read: {error.strerror}")
    except ValueError:
        problems.append(f"{path}: can't be read: not a text in UTF-8")
    return None
