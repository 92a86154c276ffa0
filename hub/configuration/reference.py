"""The configuration's own reference, out of `hub.options`: `config.yaml` and `docs/configuration.md`, as texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from textwrap import wrap
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from hub.configuration.catalog import OptionPath, bare, is_section, kind_at, options_of, sections, variable
from hub.option_types import Section
from hub.options import ChannelSection, Settings

_WIDTH = 110
"""Columns of a comment in `config.yaml`."""

_KIND_WORDS = {bool: "true or false", int: "integer", float: "number", str: "text", SecretStr: "text"}
_YAML_WORDS = {"false", "n", "no", "null", "off", "on", "true", "y", "yes"}
_is_plain = re.compile(r"[A-Za-z/][A-Za-z0-9_./@-]*(?:://[A-Za-z0-9_./@-]+)?").fullmatch

_CONFIG_HEAD = """\
# Every option of Tocsin, with its default. A hub without a file, or with an empty one, behaves just as with this one.
# Environment variables win over it: TOCSIN_SERVER__PORT=9000. More in docs/configuration.md.
#
# Written by `make docs` from hub/options.py.
"""

_PAGE_HEAD = """\
# Configuration

A hub runs without any configuration. Options come, in this order, from

1. their defaults;
2. a YAML file, `config.yaml` in the working folder or the one that `--config` names.
   [The one in the repository](../config.yaml) holds every option with its default;
3. environment variables: `TOCSIN_`, then the option's path in capitals with `__` between its parts.
   `TOCSIN_SERVER__PORT=9000` is `server.port`; `TOCSIN_AUTH__KEYS__0__SECRET` is the secret of the first key;
4. the command line.

In a variable a text is taken as it stands. Anything else is read as YAML, so lists and mappings can be given, too; a
list of texts may also be written `a,b`. A variable without `__` is never an option.

`tocsin check-config` prints the configuration in effect with its secrets masked, or everything that is wrong with it at
once. An option that doesn't exist is an error, and so is a key that a mapping has twice: no misspelling goes unnoticed.

This page is written by `make docs` from `hub/options.py`.
"""

_PAGE_FOOT = """\
## Examples

Tokens, and a name of its own, behind a proxy that ends TLS:

```yaml
server:
  host: 0.0.0.0
  hosts: [hub.example.com]
  origins: [https://hub.example.com, https://app.example.com]
  trusted_proxies: [10.0.0.0/8]
auth:
  keys:
    - id: 2026-11
      secret_file: /run/secrets/tocsin-2026-11
```

The same secret from the environment instead of a file:

```sh
TOCSIN_AUTH__KEYS__0__ID=2026-11
TOCSIN_AUTH__KEYS__0__SECRET="$(openssl rand -base64 48)"
```

A channel of your own with a day of history, whose data must have a status; and a room for two, in which only tokens
that name it may publish:

```yaml
channels:
  named:
    deploys:
      history_size: 5000
      history_age: 86400
      schema: {type: object, required: [status]}
  rooms:
    ops:
      members: [alice, bob]
      publish: token
```
"""


def config_yaml() -> str:
    """Write `config.yaml`. Loading it gives the defaults."""
    blocks = [_CONFIG_HEAD]
    for name, field in options_of(Settings).items():
        lines = [*_comment(_summary(field.annotation)), f"{name}:", *_indented(_options(field.default))]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def configuration_page() -> str:
    """Write `docs/configuration.md`."""
    blocks = [_PAGE_HEAD, *(_section(path, section) for path, section in sections())]
    return "\n".join([*blocks, _PAGE_FOOT])


def _summary(section: Any) -> str:
    return (section.__doc__ or "").strip().partition("\n")[0]


# config.yaml


def _options(section: Section) -> Iterator[str]:
    """Write the options of a section; of channels that take over what `defaults` says, only what they don't."""
    stated = section.stated() if isinstance(section, ChannelSection) and section != ChannelSection() else None
    for name, field in options_of(type(section)).items():
        if stated is not None and name not in stated:
            continue
        yield from _comment(field.description or "")
        if is_section(field.annotation):
            yield f"{name}:"
            yield from _indented(_options(field.default))
        else:
            yield f"{name}: {_flow(_plain(field.default))}"
            yield from _example(name, field)


def _example(name: str, field: FieldInfo) -> Iterator[str]:
    for example in field.examples or ():
        yield from (f"# {line}" for line in _block(name, example))


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in wrap(text, _WIDTH, break_on_hyphens=False))


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _block(name: str, value: Any) -> Iterator[str]:
    """Write `name: value` in YAML's block style; lists of scalars on one line."""
    if isinstance(value, dict):
        yield f"{name}:"
        for key, item in value.items():
            yield from _indented(_block(_flow(key), item))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield f"{name}:"
        for item in value:
            first, *others = (line for key, inner in item.items() for line in _block(key, inner))
            yield f"  - {first}"
            yield from (f"    {line}" for line in others)
    else:
        yield f"{name}: {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return value if _is_plain(value) and value.lower() not in _YAML_WORDS else json.dumps(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return json.dumps(value)


# docs/configuration.md


def _section(path: OptionPath, section: type[Section]) -> str:
    title = f"{'#' * min(len(path) + 1, 4)} `{'.'.join(path)}`"
    names = list(options_of(section))
    note = ""
    if issubclass(section, ChannelSection) and section is not ChannelSection:
        names = list(section().stated())
        note = " It has all options of `channels.defaults`, and takes over what it doesn't say, but for:"
    # What stands where: the description is that of the place, the summary that of all sections of its kind.
    place = options_of(kind_at(path[:-1]) or Settings)[path[-1]].description
    head = f"{title}\n\n{f'{place[0].upper()}{place[1:]}. ' if place else ''}{_summary(section)}{note}\n"
    rows = [row for name in names for row in _rows(path, name, options_of(section)[name])]
    return "\n".join([head, "| option | type | default | variable | meaning |", "|---|---|---|---|---|", *rows, ""])


def _rows(path: OptionPath, name: str, field: FieldInfo) -> Iterator[str]:
    kind = bare(field.annotation)
    if is_section(kind):
        return
    default = "" if field.is_required() else f"`{_flow(_plain(field.default))}`"
    meaning = field.description or ""
    entry = next((inside for inside in map(bare, get_args(kind)) if is_section(inside)), None)
    if entry is ChannelSection:
        meaning += "; each entry has the options of `channels.defaults`"
    cells = (f"`{'.'.join([*path, name])}`", _kind(kind, field), default, f"`{variable([*path, name])}`", meaning)
    yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    if entry not in (None, ChannelSection):
        place = "0" if get_origin(kind) is tuple else "NAME"
        for inner, inner_field in options_of(entry).items():
            yield from _rows((*path, name, place), inner, inner_field)


def _plain(default: Any) -> Any:
    return default.get_secret_value() if isinstance(default, SecretStr) else default


def _kind(kind: Any, field: FieldInfo) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(kind)
    words = _KIND_WORDS.get(kind) or ("list" if get_origin(kind) is tuple else "mapping")
    return words + "".join(filter(None, map(_bound, field.metadata)))


def _bound(constraint: Any) -> str:
    match constraint:
        case Ge(ge=bound):
            return f", at least {bound}"
        case Gt(gt=bound):
            return f", above {bound}"
        case Le(le=bound):
            return f", at most {bound}"
        case MinLen(min_length=_):
            return ", not empty"
        case _:
            return ""
