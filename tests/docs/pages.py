"""The Markdown pages of the repository, taken apart: prose, headings, links, and fenced code.

The word after a fence's language says what a test does with it, and no reader sees it:

    ```python          runs in the hub's own process and loop; `hub` is the hub, `await` works at the top level
    ```python script   runs as a program of its own
    ```python tests    runs as a file of tests, by pytest
    ```python example  is a part of one of the files in examples/, which are run as they are (likewise `js example`)
    ```sh run          runs in a shell (likewise `js run`)
    ```yaml hub        configures the hub that the snippets of this page run against
    ```text output     is what the snippet before it prints; `...` stands for anything
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^()\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?) *#*$", re.MULTILINE)
_NOT_OURS = {"node_modules", "build", "dist"}


@dataclass(frozen=True)
class Fence:
    """A block of fenced code.

    Attributes:
        line: where it begins on its page, for messages.
        words: what follows the language in its first line.
    """

    page: str
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def marked(self, word: str) -> bool:
        """Tell whether a word follows the language."""
        return word in self.words


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """The path from the root."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """Its text with fenced code blanked out; lines keep their numbers."""
        return _FENCE.sub(lambda match: "\n" * match[0].count("\n"), self.text)

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        """Its fenced code, in order, without the indentation of a list around it."""
        return tuple(self._fence(match) for match in _FENCE.finditer(self.text))

    def _fence(self, match: re.Match[str]) -> Fence:
        language, *words = match["info"].split() or [""]
        indent = len(match["indent"])
        text = "".join(line[indent:] if line.strip() else line for line in match["text"].splitlines(keepends=True))
        return Fence(self.name, self.line_at(match.start()), language, tuple(words), text)

    def line_at(self, offset: int) -> int:
        """The number of the line that holds a character."""
        return self.text.count("\n", 0, offset) + 1

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Targets of links and images, as they are written."""
        return tuple(match["target"] for match in _LINK.finditer(_CODE_SPAN.sub("", self.prose)))

    @cached_property
    def code_spans(self) -> tuple[str, ...]:
        """What stands between backticks in the prose."""
        return tuple(match[2].strip() for match in _CODE_SPAN.finditer(self.prose))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a link into this page may name after its `#`, as GitHub makes it."""
        seen: Counter[str] = Counter()
        anchors = set()
        for match in _HEADING.finditer(self.prose):
            anchor = anchor_of(match["title"])
            anchors.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
            seen[anchor] += 1
        return frozenset(anchors)


def anchor_of(title: str) -> str:
    """Turn a heading into its anchor: lower case, no punctuation, hyphens for spaces."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


@cache
def pages() -> tuple[Page, ...]:
    """Every Markdown file that people write here."""
    found = (path for path in ROOT.rglob("*.md") if not _is_foreign(path.relative_to(ROOT)))
    return tuple(Page(path) for path in sorted(found))


def _is_foreign(path: Path) -> bool:
    return any(part in _NOT_OURS or part.startswith(".") for part in path.parts)


def page(name: str) -> Page:
    """The page at a path from the root."""
    return Page(ROOT / name)


def topics() -> tuple[Page, ...]:
    """The pages that answer one question each."""
    return tuple(page for page in pages() if page.name.startswith("docs/topics/"))
