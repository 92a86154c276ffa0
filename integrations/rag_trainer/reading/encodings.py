"""Bytes to text, whatever encoding they are in; where that is not certain, it is said."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from integrations.rag_trainer.reading.cyrillic import Guess, differs, guess
from integrations.rag_trainer.stage import StageFailed

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE: Final = 65_536
_HIGH: Final = bytes(range(128, 256))
_MULTIBYTE: Final = re.compile(rb"(?:[\xc3-\xc5\xce-\xd3][\x80-\xbf]|\xe2[\x80-\x8f][\x80-\xbf]|\xc2[\xa0-\xbf])+")
"""UTF-8 as Russian, Greek and Western texts have it. Russian in the old encodings hardly ever looks like that."""
_NEXT_TO_ASCII: Final = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_PAIRS: Final = re.compile(rb"[\x80-\xff]{2}")
_DAMAGED: Final = 0.01
_SOME: Final = 0.1
_RUN: Final = 6
_BLOCK: Final = 2_048
_FEW: Final = 12
_TELLING: Final = 40
_CLEAR: Final = 0.7


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was in, and what was not certain about that."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode a text file.

    In this order: a byte order mark; UTF-16 without one, by where its zero bytes stand; UTF-8; what the text itself
    declares; cp1251, koi8-r, cp866 or iso8859-5 by the frequency of letters; cp1252 where single high bytes stand
    among Latin letters. UTF-8 of which at most 1 % is damaged is decoded with U+FFFD in the places, and a warning:
    that is a cut or a broken copy, and all else of it is sure. Parts in different encodings are a failure, because
    whichever one is chosen, the other part is noise in the index.

    Args:
        declared: an encoding that the text names, as HTML does; believed where the bytes don't contradict.

    Raises:
        StageFailed: `mixed_encodings`, or `not_text`: the bytes are no text in any of these.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _with_replacement(data[len(mark) :], encoding)
    if b"\0" in data[:_SAMPLE]:
        return _with_replacement(data, _utf16_without_mark(data))
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _legacy(data, declared)


def looks_like_text(sample: bytes) -> bool:
    """Tell whether the first bytes of a file are text in some encoding."""
    if any(sample.startswith(mark) for mark, _ in _MARKS):
        return True
    if b"\0" in sample:
        return _utf16_order(sample) is not None
    controls = sum(sample.count(bytes((byte,))) for byte in range(32) if byte not in b"\t\n\v\f\r\x1b\x1a")
    return controls * 200 <= len(sample)


def _with_replacement(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    damaged = text.count("\ufffd")
    if damaged > max(1, _DAMAGED * len(text)):
        raise _mixed(f"it begins as {encoding}, and {damaged} places are not")
    return Decoded(text, encoding, (f"{damaged} places were no {encoding} and stand as U+FFFD",))


def _utf16_without_mark(data: bytes) -> str:
    order = _utf16_order(data[:_SAMPLE])
    if order is None:
        raise StageFailed("not_text", "Expected text; the file has zero bytes as a binary has. Give a known format.")
    return order


def _utf16_order(sample: bytes) -> str | None:
    """Where the high bytes of Latin (0), Cyrillic (4) and signs (0x20 to 0x22) stand."""
    shares = []
    for first in (0, 1):
        half = sample[first::2]
        shares.append(sum(half.count(bytes((byte,))) for byte in (0, 4, 0x20, 0x21, 0x22)) / max(1, len(half)))
    if max(shares) < 0.9 or abs(shares[0] - shares[1]) < 0.3:
        return None
    return "utf-16-be" if shares[0] > shares[1] else "utf-16-le"


def _legacy(data: bytes, declared: str | None) -> Decoded:
    high = len(data) - len(data.translate(None, _HIGH))
    runs = [len(found) for found in _MULTIBYTE.findall(data)]
    if high - sum(runs) <= max(1, _DAMAGED * high) and runs:
        return _with_replacement(data, "utf-8")
    if max(runs, default=0) >= _RUN and sum(runs) >= _SOME * high:
        raise _mixed("part of it is UTF-8, and part is not")
    if declared and (text := _as_declared(data, declared)):
        return text
    if len(_NEXT_TO_ASCII.findall(data)) >= len(_PAIRS.findall(data)):
        return _western(data)
    found = guess(data)
    for block in _blocks(data):
        if other := differs(block, found.encoding, _TELLING, _CLEAR):
            raise _mixed(f"most of it is {found.encoding}, and part is {other.encoding}")
    return _cyrillic(data, found)


def _cyrillic(data: bytes, found: Guess) -> Decoded:
    text = data.decode(found.encoding, "replace")
    warnings = [f"the encoding {found.encoding} is a guess from {found.letters} letters"] * (found.letters < _FEW)
    if damaged := text.count("\ufffd"):
        warnings.append(f"{damaged} bytes are nothing in {found.encoding} and stand as U+FFFD")
    return Decoded(text, found.encoding, tuple(warnings))


def _western(data: bytes) -> Decoded:
    try:
        return Decoded(data.decode("cp1252"), "cp1252")
    except UnicodeDecodeError:
        return Decoded(data.decode("latin-1"), "latin-1")


def _as_declared(data: bytes, declared: str) -> Decoded | None:
    try:
        codec = codecs.lookup(declared)
        return Decoded(codec.decode(data, "strict")[0], codec.name) if _is_for_text(codec) else None
    except (LookupError, UnicodeError, ValueError):
        return None


def _is_for_text(codec: codecs.CodecInfo) -> bool:
    """Whether it is an encoding as documents declare them, and not one of Python's own, such as `zip` or `idna`."""
    return bool(getattr(codec, "_is_text_encoding", True)) and not codec.name.startswith(("utf-7", "idna", "punycode"))


def _blocks(data: bytes) -> Iterator[bytes]:
    """Cut the data at ends of lines."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _BLOCK)
        end = len(data) if end < 0 else end
        yield data[start:end]
        start = end


def _mixed(what: str) -> StageFailed:
    return StageFailed("mixed_encodings", f"Expected text in one encoding; {what}. Save the whole file as UTF-8.")
