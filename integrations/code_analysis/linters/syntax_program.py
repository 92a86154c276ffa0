"""Reads JSON, TOML and XML files and prints where they are broken: `python -I syntax_program.py FILE...`.

A program of its own, on the standard library alone, so that a file which takes its parser forever, or all memory, takes
a process with bounds and not the hub. Prints `{FILE: [RULE, LINE, COLUMN, MESSAGE]}` of the broken ones.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.parsers import expat

Complaint = tuple[str, int, int, str]
_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def check(file: Path) -> Complaint | None:
    """Return what is wrong with a file, or `None`."""
    try:
        content = file.read_bytes()
        return CHECKS[file.suffix.lower()](content)
    except UnicodeDecodeError as error:
        return ("encoding", 0, 0, f"not in UTF-8: {error.reason}")
    except RecursionError:
        return ("depth", 0, 0, "nested deeper than this parser goes; not checked")


def _json(content: bytes) -> Complaint | None:
    try:
        json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        return ("json", error.lineno, error.colno, error.msg)
    except UnicodeDecodeError:
        raise
    except ValueError as error:  # an integer with more digits than Python reads
        return ("json", 0, 0, str(error))
    return None


def _toml(content: bytes) -> Complaint | None:
    try:
        tomllib.loads(content.decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.fullmatch(str(error))
        if found is None:
            return ("toml", 0, 0, str(error))
        return ("toml", int(found[2] or 0), int(found[3] or 0), found[1])
    return None


def _xml(content: bytes) -> Complaint | None:
    parser = expat.ParserCreate()
    # With a default handler entities are passed by and not expanded: no "billion laughs".
    parser.DefaultHandler = _pass_by
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        return ("xml", error.lineno, error.offset + 1, expat.ErrorString(error.code) or "broken")
    except (LookupError, ValueError) as error:
        return ("encoding", 0, 0, str(error))
    return None


def _pass_by(_text: str) -> None:
    pass


CHECKS: dict[str, Callable[[bytes], Complaint | None]] = {
    ".json": _json,
    ".svg": _xml,
    ".toml": _toml,
    ".xml": _xml,
}
"""The parser of each kind of file."""


def main(arguments: Sequence[str]) -> int:
    """Check files; print what is wrong."""
    broken = {name: complaint for name in arguments if (complaint := check(Path(name))) is not None}
    sys.stdout.write(json.dumps(broken))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
