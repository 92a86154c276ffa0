"""What the options' types can't say: secrets that stand in files, and what must hold between options."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pydantic import SecretStr

from hub.configuration.catalog import OptionPath
from hub.hosts import is_loopback
from hub.options import AuthOptions, KeyOptions, Settings

SECRET_MIN = 32
"""Shortest secret of an HS256 key, in bytes (RFC 7518, section 3.2)."""


def with_secrets(auth: AuthOptions, problems: list[str]) -> AuthOptions:
    """Return the same options with every key's secret in place, read from its file where it has one."""
    keys = tuple(_with_secret(key, f"auth.keys.{number}", problems) for number, key in enumerate(auth.keys))
    return auth.model_copy(update={"keys": keys})


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
    return problems


def _with_secret(key: KeyOptions, path: str, problems: list[str]) -> KeyOptions:
    if key.secret_file:
        if key.secret.get_secret_value():
            problems.append(f"{path}: give secret or secret_file, not both")
            return key
        try:
            text = Path(key.secret_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            problems.append(f"{path}.secret_file: can't be read: {error.strerror}")
            return key
        except ValueError:
            problems.append(f"{path}.secret_file: can't be read: not a text in UTF-8")
            return key
        key = key.model_copy(update={"secret": SecretStr(text)})
    length = len(key.secret.get_secret_value().encode())
    if length < SECRET_MIN:
        problems.append(
            f"{path}.secret: expected at least {SECRET_MIN} bytes, got {length}; `openssl rand -base64 48` makes one"
        )
    return key
