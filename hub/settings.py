"""From `config.yaml` and the environment to one frozen tree, or to all that is wrong with them at once.

Environment variables override the file: `TOCSIN_SERVER__PORT=9000` is `server.port`, `TOCSIN_AUTH__KEYS__0__SECRET` is
`auth.keys.0.secret`. A text is taken as it stands and anything else is read as YAML; a list of texts may also be
written `a,b`. A variable without `__` is never an option: Kubernetes sets `TOCSIN_PORT` for a service called `tocsin`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import SecretStr, ValidationError

from hub.configuration.catalog import PREFIX, OptionPath, bare, kind_at, paths, variable
from hub.configuration.checks import cross_checks, with_passwords, with_secret, with_secrets
from hub.configuration.named_secrets import with_named_secrets
from hub.configuration.overlay import prune, put
from hub.configuration.problems import in_words, no_such_option, place
from hub.hosts import is_loopback
from hub.options import ChannelSection, Settings

__all__ = ["SettingsError", "Source", "describe", "is_loopback", "load", "lookalikes", "masked"]


class SettingsError(Exception):
    """The configuration can't be used. `problems` has one line each, beginning with where the option stands."""

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
        overrides: dotted path to value, from the command line; these win. Texts are read as in the environment.

    Raises:
        SettingsError: with every problem found.
    """
    tree = _read(source.path)
    problems: list[str] = []
    variables: dict[OptionPath, str] = {}
    for name, text in sorted(source.environment.items(), key=_in_order):
        if name.startswith(PREFIX) and "__" in name:
            path = tuple(name.removeprefix(PREFIX).lower().split("__"))
            variables[path] = name
            problems += _lay_over(tree, path, text, name)
    for dotted, value in (overrides or {}).items():
        problems += _lay_over(tree, tuple(dotted.split(".")), value)
    settings, wrong = _validated(tree, variables, problems)
    if not any(path[0] == "auth" for path in wrong):
        settings = settings.model_copy(update={"auth": with_secrets(settings.auth, problems)})
    if not any(path[0] == "redis" for path in wrong):
        settings = settings.model_copy(update={"redis": with_passwords(settings.redis, problems)})
    if not any(path[0] == "database" for path in wrong):
        database = with_secret(settings.database, "database", "password", problems)
        settings = settings.model_copy(update={"database": database})
    if not any(path[0] == "vector_search" for path in wrong):
        vector_search = with_secret(settings.vector_search, "vector_search", "query_key", problems)
        settings = settings.model_copy(update={"vector_search": vector_search})
    for name in {"agents", "analysis", "notifiers", "rag_trainer", "webhooks"} - {path[0] for path in wrong}:
        section = with_named_secrets(getattr(settings, name), name, problems)
        settings = settings.model_copy(update={name: section})
    problems += cross_checks(settings, wrong)
    if problems:
        raise SettingsError(problems)
    return settings


def lookalikes(environment: Mapping[str, str]) -> list[str]:
    """Say which variables are no options but look as if they were meant as one, such as `TOCSIN_SERVER_PORT`."""
    options = {variable(path).replace("_", ""): variable(path) for path in paths()}
    found = ((name, options.get(name.replace("_", ""))) for name in sorted(environment) if "__" not in name)
    return [f"{name}: is not an option; did you mean {option}?" for name, option in found if option]


def masked(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain data, with secrets masked. Of a channel, only what it states itself."""
    tree: dict[str, Any] = settings.model_dump(mode="json", by_alias=True)
    for name, value in settings.channels:
        if isinstance(value, dict):
            tree["channels"][name] = {key: _stated(section) for key, section in value.items()}
        elif name != "defaults":
            tree["channels"][name] = _stated(value)
    return tree


def describe(settings: Settings) -> str:
    """Write the settings as YAML, with secrets masked."""
    return yaml.safe_dump(masked(settings), sort_keys=False, allow_unicode=True)


def _stated(section: ChannelSection) -> dict[str, Any]:
    return section.model_dump(mode="json", by_alias=True, include=set(section.stated()))


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        tree = _parse(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError([f"{path}: can't be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise SettingsError([f"{path}: is not a text in UTF-8"]) from None
    except yaml.YAMLError as error:
        raise SettingsError([f"{path}{_why_not_yaml(error)}"]) from None
    if tree is not None and not isinstance(tree, dict):
        raise SettingsError([f"{path}: expected sections such as `server:`, got a {type(tree).__name__}"])
    return tree or {}


def _in_order(item: tuple[str, str]) -> list[tuple[int, str]]:
    """Sort an outer option before what is inside it, and entry 2 of a list before entry 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in item[0].split("__")]


def _lay_over(tree: dict[str, Any], path: OptionPath, value: Any, name: str | None = None) -> list[str]:
    """Set one option, and return what is wrong. `name` is the variable that sets it, if one does."""
    kind = kind_at(path)
    if kind is None:
        return [no_such_option(path, name)]
    try:
        hindrance = put(tree, path, _value(kind, value) if isinstance(value, str) else value)
    except yaml.YAMLError as error:
        return [f"{name or '.'.join(path)}{_why_not_yaml(error)}"]
    return [f"{name or '.'.join(path)}: {hindrance}"] if hindrance else []


def _value(kind: Any, text: str) -> Any:
    if kind in (str, SecretStr):
        return text
    if get_origin(kind) is tuple and bare(get_args(kind)[0]) is str and not text.lstrip().startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    return _parse(text)


def _validated(
    tree: dict[str, Any], variables: Mapping[OptionPath, str], problems: list[str]
) -> tuple[Settings, list[OptionPath]]:
    """Check every option by itself. What is wrong is reported and left out, so that the rest can be checked further."""
    try:
        return Settings.model_validate(tree), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    problems += [in_words(detail, variables) for detail in errors]
    wrong = [place(detail) for detail in errors]
    for path in wrong:
        prune(tree, path)
    return Settings.model_validate(tree), wrong


class _Loader(yaml.SafeLoader):
    """YAML as JSON would have it: keys are texts, each there once, and there are no dates."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parse(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        _check_keys(node, set())
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _check_keys(node: yaml.Node | None, seen: set[int]) -> None:
    """Refuse a key that comes twice: the first one would be lost without a word."""
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
        return
    seen.add(id(node))
    keys: set[str] = set()
    for item in node.value:
        key, value = item if isinstance(node, yaml.MappingNode) else (None, item)
        if key is not None and (not isinstance(key, yaml.ScalarNode) or key.value in keys):
            problem = "the key is there twice" if isinstance(key, yaml.ScalarNode) else "expected a text as key"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
        keys.update([key.value] if key is not None else [])
        _check_keys(value, seen)


_quoted = re.compile(r"'[^']*'|\"[^\"]*\"")
_is_sign = re.compile(r".(.|\\t|<[a-z ]+>).").fullmatch
"""What may be repeated: one character, or what PyYAML calls a piece of syntax, such as `<stream end>`."""


def _unless_a_sign(quoted: re.Match[str]) -> str:
    return quoted[0] if _is_sign(quoted[0]) else "..."


def _why_not_yaml(error: yaml.YAMLError) -> str:
    """Say where and why. PyYAML's own text repeats the line, and names in quotes, which may be part of a secret."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    problem = (error.problem if isinstance(error, yaml.MarkedYAMLError) else None) or "it has characters that can't be"
    return f"{where}: is not YAML: " + _quoted.sub(_unless_a_sign, problem)
