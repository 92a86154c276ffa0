"""The options by their dotted paths: which there are, of which type, and which one a misspelt path may have meant.

A path goes through sections by option, through lists by number, and through mappings by key: `auth.keys.0.secret`,
`channels.rooms.ops.members`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from hub.option_types import Section
from hub.options import Settings

PREFIX = "TOCSIN_"
"""Begins the environment variable of every option."""

OptionPath = tuple[str, ...]


def options_of(section: type[Section]) -> dict[str, FieldInfo]:
    """Return a section's options by the names that people write."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def bare(kind: Any) -> Any:
    """Return a type without its constraints, and without the `None` that it may be instead."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    alternatives = [kind for kind in get_args(kind) if kind is not NoneType]
    return bare(alternatives[0]) if NoneType in get_args(kind) else kind


def is_section(kind: Any) -> bool:
    """Tell whether a type is a group of options."""
    return isinstance(kind, type) and issubclass(kind, Section)


def kind_inside(kind: Any, part: str) -> Any | None:
    """Return the type of what one part of a path leads to; `None` when there is no such thing. `Any` leads to `Any`."""
    if is_section(kind):
        field = options_of(kind).get(part)
        return None if field is None else bare(field.annotation)
    if get_origin(kind) is tuple:
        return bare(get_args(kind)[0]) if part.isdecimal() else None
    if get_origin(kind) is dict:
        return bare(get_args(kind)[1])
    return Any if kind is Any else None


def kind_at(path: Sequence[str]) -> Any | None:
    """Return the type of the option at `path`; `None` when there is none."""
    kind: Any = Settings
    for part in path:
        kind = kind_inside(kind, part)
    return kind


def suggestion(path: OptionPath) -> OptionPath | None:
    """Return what a wrong `path` may have meant: the path that is spelt nearly so, or one of that name elsewhere."""
    kind: Any = Settings
    for depth, part in enumerate(path):
        inside = kind_inside(kind, part)
        if inside is None:
            near = get_close_matches(part, options_of(kind), n=1) if is_section(kind) else []
            if near:
                meant = (*path[:depth], *near, *path[depth + 1 :])
                return meant if kind_at(meant) is not None else meant[: depth + 1]
            break
        kind = inside
    return next((found for found in paths() if found[-1] == path[-1]), None)


def sections(kind: type[Section] = Settings, path: OptionPath = ()) -> Iterator[tuple[OptionPath, type[Section]]]:
    """Go through all sections that have a fixed place, outer ones first."""
    for name, field in options_of(kind).items():
        inside = bare(field.annotation)
        if is_section(inside):
            yield (*path, name), inside
            yield from sections(inside, (*path, name))


def paths() -> Iterator[OptionPath]:
    """Go through the paths of all options that have a fixed place and are no sections."""
    for path, section in sections():
        for name, field in options_of(section).items():
            if not is_section(bare(field.annotation)):
                yield (*path, name)


def variable(path: Sequence[str]) -> str:
    """Return the environment variable for an option."""
    return PREFIX + "__".join(path).upper()
