"""Laying single values over a tree of plain dictionaries and lists, such as YAML gives, and taking them out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_origin

from hub.configuration.catalog import kind_inside
from hub.options import Settings


def put(tree: dict[str, Any], path: Sequence[str], value: Any) -> str | None:
    """Set what `path` (of an option that there is) leads to, making sections and list entries on the way.

    Returns:
        What stands in the way; `None` when nothing did.
    """
    node: Any = tree
    kind: Any = Settings
    for depth, part in enumerate(path):
        kind = kind_inside(kind, part)
        last = depth == len(path) - 1
        new = value if last else [] if get_origin(kind) is tuple else {}
        place = ".".join(path[:depth])
        if isinstance(node, list) and part.isdecimal():
            index = int(part)
            if index > len(node):
                return f"{place} has {len(node)} entries, so the next one is {place}.{len(node)}"
            if index == len(node):
                node.append(new)
            elif last:
                node[index] = new
            node = node[index]
        elif isinstance(node, dict):
            if last or node.get(part) is None:
                node[part] = new
            node = node[part]
        else:
            return f"{place} is not a section"
    return None


def prune(tree: dict[str, Any], path: Sequence[str | int]) -> None:
    """Take out what `path` leads to. A list goes as a whole, since its other entries would change their numbers."""
    node = tree
    for part in path[:-1]:
        child = node.get(str(part))
        if not isinstance(child, dict):
            node.pop(str(part), None)
            return
        node = child
    node.pop(str(path[-1]), None)
