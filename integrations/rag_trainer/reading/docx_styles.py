"""Styles of a Word document: which make a paragraph a heading, and which give it a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

_HEADING: Final = re.compile(r"(?:heading|заголовок)\s{1,3}([1-9])", re.IGNORECASE)
_TITLES: Final = frozenset(("title", "название"))
_DEEPEST: Final = 20
_BODY_TEXT: Final = 9
"""The outline level of text that is no heading."""


@dataclass(frozen=True, slots=True)
class _Style:
    level: int | None
    based_on: str | None
    numbering: tuple[str | None, str | None]


class Styles:
    """The styles by their ids.

    Args:
        tree: the part `styles.xml`; `None`: the document has no styles.
    """

    def __init__(self, tree: Any | None) -> None:
        self._styles: dict[str, _Style] = {}
        for node in [] if tree is None else tree.iterfind("{*}style"):
            name = value(node.find("{*}name")) or ""
            properties = node.find("{*}pPr")
            self._styles[attribute(node, "styleId") or ""] = _Style(
                level=_level_of(name, properties),
                based_on=value(node.find("{*}basedOn")),
                numbering=_numbering_of(properties),
            )

    def level(self, paragraph: Any) -> int | None:
        """Say which level of heading a paragraph is, by itself or by its style; `None`: it is none."""
        properties = paragraph.find("{*}pPr")
        if properties is None:
            return None
        own = value(properties.find("{*}outlineLvl"))
        if own is not None and own.isdecimal():
            return _outline(own)
        return next((style.level for style in self._chain(properties) if style.level is not None), None)

    def numbering(self, paragraph: Any) -> tuple[str | None, str | None]:
        """Return the number list of a paragraph and the level in it, by itself or by its style."""
        properties = paragraph.find("{*}pPr")
        if properties is None:
            return None, None
        numbers, depth = _numbering_of(properties)
        for style in self._chain(properties):
            numbers = numbers or style.numbering[0]
            depth = depth or style.numbering[1]
        return numbers, depth

    def _chain(self, properties: Any) -> list[_Style]:
        """The paragraph's style and those it is based on, which may be a circle in a damaged document."""
        chain: list[_Style] = []
        name = value(properties.find("{*}pStyle"))
        while name in self._styles and len(chain) < _DEEPEST:
            chain.append(self._styles[name])
            name = chain[-1].based_on
        return chain


def attribute(node: Any, name: str) -> str | None:
    """Return an attribute by its local name: the two kinds of Office documents differ in the namespace alone."""
    return next((text for key, text in node.items() if key.rpartition("}")[2] == name), None)


def value(node: Any | None) -> str | None:
    """Return the attribute `val` of a node that may not be there."""
    return None if node is None else attribute(node, "val")


def _level_of(name: str, properties: Any | None) -> int | None:
    if found := _HEADING.fullmatch(name):
        return int(found[1])
    if name.lower() in _TITLES:
        return 1
    own = None if properties is None else value(properties.find("{*}outlineLvl"))
    return _outline(own) if own is not None and own.isdecimal() else None


def _outline(text: str) -> int | None:
    level = int(text[:2])
    return level + 1 if level < _BODY_TEXT else None


def _numbering_of(properties: Any | None) -> tuple[str | None, str | None]:
    if properties is None:
        return None, None
    return value(properties.find("{*}numPr/{*}numId")), value(properties.find("{*}numPr/{*}ilvl"))
