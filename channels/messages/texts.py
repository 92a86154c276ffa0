"""Texts from elsewhere, made fit for a message: cut and cleaned where a message's own check would refuse them."""

from __future__ import annotations

import re
from typing import Final

NAME_MAX: Final = 256
"""Characters of a `Name`."""

LINE_MAX: Final = 1_000
"""Characters of a `Line`."""

TEXT_MAX: Final = 20_000
"""Characters of a `Text`."""

_UNSEEN: Final = re.compile(r"[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069\ud800-\udfff]+")
"""What `VISIBLE` refuses, and halves of characters, which UTF-8 can't hold."""

_LONE: Final = re.compile(r"[\ud800-\udfff]")


def one_line(text: str, most: int) -> str:
    """Return `text` as one visible line of at most so many characters; "" when nothing of it can be seen."""
    line = _UNSEEN.sub(" ", text[: 2 * most]).strip()
    return line if len(line) <= most else f"{line[: most - 3]}..."


def some_text(text: str) -> str:
    """Return `text` with its lines, cut to what a `Text` holds."""
    return _LONE.sub("\ufffd", text[:TEXT_MAX]).strip()
