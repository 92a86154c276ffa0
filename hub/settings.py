"""From `config.yaml` and the environment to one frozen tree, or to all that is wrong with them at once.

Environment variables override the file: `TOCSIN_SERVER__PORT=9000` is `server.port`, `TOCSIN_AUTH__KEYS__0__SECRET` is `auth.keys[0].secret`. Their
values are read as YAML, so that lists and numbers can be given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from pydantic import SecretStr, ValidationError

from channels.model import NAMESPACES, Channels, namespace_of
from channels.policy import ChannelOptions, Policy
from hub.options import AuthOptions, ChannelSection, KeyOptions, Settings

PREFIX = "TOCSIN_"
SECRET_MIN = 32
"""Shortest HS256 secret, in bytes (RFC 7518, section 3.2)."""


class SettingsError(Exception):
    """The configuration can't be used. `problems` has one line each, beginning with the dotted path of the option."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Source:
    """Where a configuration comes from: a file (or none), and environment variables."""

    path: Path | None
    environment: Mapping[str, str]


def load(source: Source, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read, merge and check.

    Args:
        overrides: dotted path to value, from the command line; wins over everything.

    Raises:
        SettingsError: with every problem found.
    """
    tree = _read(source.path)
    problems: list[str] = []
    for name, text in sorted(source.environment.items()):
        if name.startswith(PREFIX):
            path = name.removeprefix(PREFIX).lower().split("__")
            _put(tree, path, _value(name, text, problems), name, problems)
    for dotted, value in (overrides or {}).items():
        _put(tree, dotted.split("."), value, dotted, problems)
    try:
        settings = Settings.model_validate(_lists(tree))
    except ValidationError as error:
        raise SettingsError(problems + [_problem(e) for e in error.errors(include_url=False)]) from None
    settings = settings.model_copy(update={"auth": _with_secrets(settings.auth, problems)})
    problems += _cross_checks(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def policy_of(settings: Settings) -> Policy:
    """Build the channels' policy out of checked settings."""
    problems: list[str] = []
    policy = _policy(settings, problems)
    if problems:
        raise SettingsError(problems)
    return policy


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"{path}: can't be read: {error.strerror}"]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: is not YAML: {' '.join(str(error).split())}"]) from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise SettingsError([f"{path}: expected sections such as `server:`, got {type(tree).__name__}"])
    return tree


def _value(name: str, text: str, problems: list[str]) -> Any:
    if name.endswith("SECRET"):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        problems.append(f"{name}: is not YAML")
        return None


def _put(tree: dict[str, Any], path: list[str], value: Any, name: str, problems: list[str]) -> None:
    node: Any = tree
    for part in path[:-1]:
        if isinstance(node, list):
            node = dict(enumerate(node))
        child = node.get(part)
        if isinstance(child, list):
            child = {str(index): item for index, item in enumerate(child)}
        elif child is None:
            child = {}
        elif not isinstance(child, dict):
            problems.append(f"{name}: {part} is not a section")
            return
        node[part] = child
        node = child
    node[path[-1]] = value


def _lists(node: Any) -> Any:
    """Turn `{"0": a, "1": b}`, which environment variables make, back into a list."""
    if not isinstance(node, dict):
        return node
    if node and all(isinstance(key, str) and key.isdecimal() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}


def _problem(error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"]) or "configuration"
    if error["type"] == "extra_forbidden":
        return f"{path}: no such option"
    shown = "" if error["type"] == "missing" or "secret" in path else f", got {error['input']!r}"
    return f"{path}: {error['msg'].lower() if error['type'] == 'missing' else error['msg']}{shown}"


def _with_secrets(auth: AuthOptions, problems: list[str]) -> AuthOptions:
    return auth.model_copy(
        update={"keys": tuple(_with_secret(key, f"auth.keys.{i}", problems) for i, key in enumerate(auth.keys))}
    )


def _with_secret(key: KeyOptions, path: str, problems: list[str]) -> KeyOptions:
    if key.secret_file:
        if key.secret.get_secret_value():
            problems.append(f"{path}: give secret or secret_file, not both")
        try:
            text = Path(key.secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{path}.secret_file: can't be read: {getattr(error, 'strerror', None) or 'not text'}")
            return key
        key = key.model_copy(update={"secret": SecretStr(text)})
    length = len(key.secret.get_secret_value().encode())
    if length < SECRET_MIN:
        problems.append(f"{path}.secret: expected at least {SECRET_MIN} bytes, got {length}; make one with `openssl rand -base64 48`")
    return key


def _cross_checks(settings: Settings) -> list[str]:
    problems: list[str] = []
    server, auth = settings.server, settings.auth
    if not auth.keys and not is_loopback(server.host):
        problems.append(
            f"server.host: {server.host} can be reached from other machines, and auth.keys is empty; "
            "set auth.keys (TOCSIN_AUTH__KEYS__0__ID and TOCSIN_AUTH__KEYS__0__SECRET), or listen on 127.0.0.1"
        )
    ids = [key.id for key in auth.keys]
    problems += [f"auth.keys: two keys are called {name}" for name in sorted({n for n in ids if ids.count(n) > 1})]
    if bool(server.tls_certificate) != bool(server.tls_key):
        problems.append("server.tls_certificate: needs server.tls_key, and the other way round")
    for origin in server.origins:
        scheme, _, rest = origin.partition("://")
        if scheme not in ("http", "https") or not rest or "/" in rest:
            problems.append(f"server.origins: expected scheme://host[:port] without a path, got {origin!r}")
    _policy(settings, problems)
    return problems


def _policy(settings: Settings, problems: list[str]) -> Policy:
    options = settings.channels
    base = options.defaults.model_dump(by_alias=True, exclude_unset=True)

    def build(path: str, *layers: Mapping[str, Any]) -> ChannelOptions:
        merged: dict[str, Any] = dict(base)
        for layer in layers:
            merged.update(layer)
        try:
            section = ChannelSection.model_validate(merged)
            if section.schema_ is not None:
                jsonschema_rs.validator_for(section.schema_)
        except ValidationError as error:
            problems.extend(f"{path}.{_problem(e)}" for e in error.errors(include_url=False))
            return ChannelOptions()
        except (jsonschema_rs.ValidationError, ValueError) as error:
            problems.append(f"{path}.schema: is not a JSON Schema: {str(error).splitlines()[0]}")
            return ChannelOptions()
        values = section.model_dump(exclude={"schema_", "members"})
        return ChannelOptions(**values, schema=section.schema_, members=frozenset(section.members))

    for name in options.named:
        if namespace_of(name):
            problems.append(f"channels.named.{name}: a name may not begin with {name.partition(':')[0]}:, which is a namespace")
    names = [*Channels.all(), *(name for name in options.named if name not in Channels.all())]
    named = {name: build(f"channels.named.{name}", options.named.get(name, {})) for name in names}
    spaces = {space: build(f"channels.{space}", getattr(options, space)) for space in NAMESPACES}
    rooms = {f"room:{name}": build(f"channels.rooms.{name}", options.room, own) for name, own in options.rooms.items()}
    return Policy(named, spaces, rooms)
