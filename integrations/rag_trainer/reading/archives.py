"""Office documents are ZIP archives of XML: unpacked within bounds, and never believed."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from lxml import etree

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.stage import StageFailed

_PIECE: Final = 1 << 16
_ENTRY: Final = 800
"""Bytes of the directory per entry: a name may be long."""
_TAIL: Final = (1 << 16) + 200
_END: Final = struct.Struct("<12sLL2s")
_END64: Final = struct.Struct("<40sQQ")
_LOCATOR: Final = 20
_MARKS: Final = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\xfe\xff\0<")
_DECLARED: Final = re.compile(rb"""^[^>]{0,200}?encoding\s{0,10}=\s{0,10}["']([A-Za-z0-9._-]{1,40})""")
_KNOWN: Final = frozenset((b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii"))


def check_directory(file: BinaryIO, limits: Limits) -> None:
    """Look how long the archive's directory is, before a list of all its entries is made in memory.

    Raises:
        StageFailed: `zip_bomb`: longer than so many entries need.
    """
    size = _directory_bytes(file)
    if size > (most := limits.archive_parts * _ENTRY):
        raise _bomb(f"{most} bytes of directory; the archive has {size}", "archive_parts")


def _directory_bytes(file: BinaryIO) -> int:
    """Read the record at the end of the archive where the module `zipfile` looks for it; 0: there is none."""
    file.seek(0, 2)
    length = file.tell()
    file.seek(max(0, length - _TAIL))
    tail = file.read()
    place = len(tail) - _END.size if tail[-_END.size :].startswith(b"PK\5\6") else tail.rfind(b"PK\5\6")
    if place < 0 or place + _END.size > len(tail):
        return 0
    size = int(_END.unpack_from(tail, place)[1])
    if tail[max(0, place - _LOCATOR) : place].startswith(b"PK\6\7") and place >= _LOCATOR + _END64.size:
        size = max(size, int(_END64.unpack_from(tail, place - _LOCATOR - _END64.size)[1]))
    return size


class Archive:
    """The XML parts of a document.

    What its directory says is checked before anything is unpacked, and no part unpacks to more than was said of it.
    Pictures, embedded files and the like are not unpacked at all.

    Raises:
        StageFailed: `zip_bomb`: more parts or bytes than are taken; `encrypted`; `corrupt`.
    """

    def __init__(self, data: bytes, limits: Limits, is_wanted: Callable[[str], bool]) -> None:
        check_directory(io.BytesIO(data), limits)
        self._limits = limits
        self._file = zipfile.ZipFile(io.BytesIO(data))
        entries = self._file.infolist()
        if len(entries) > limits.archive_parts:
            raise _bomb(f"{limits.archive_parts} parts in the archive; there are {len(entries)}", "archive_parts")
        self._wanted = {entry.filename: entry for entry in entries if is_wanted(entry.filename)}
        total = sum(entry.file_size for entry in self._wanted.values())
        if total > limits.unpacked_bytes:
            raise _bomb(f"{limits.unpacked_bytes} bytes unpacked; its directory says {total}", "unpacked_bytes")
        if any(entry.flag_bits & 1 for entry in entries):
            raise StageFailed("encrypted", "Expected a document without a password; its parts are encrypted.")

    def __contains__(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self._wanted

    def names(self) -> list[str]:
        """Return the names of the wanted parts."""
        return list(self._wanted)

    def read(self, name: str) -> bytes:
        """Unpack a part that is there."""
        with self._file.open(self._wanted[name]) as part:
            pieces = list(iter(lambda: part.read(_PIECE), b""))
        return b"".join(pieces)

    def xml(self, name: str) -> Any:
        """Parse a part as a tree.

        Raises:
            StageFailed: `too_complex`: more tags and attributes than are taken; `corrupt`: a document type
                declaration, which may define entities and which Office never writes, or an unknown encoding.
        """
        data = checked(self.read(name), name)
        if (nodes := data.count(b"<") + data.count(b"=")) > self._limits.xml_nodes:
            raise StageFailed(
                "too_complex",
                f"Expected at most {self._limits.xml_nodes} tags and attributes in {name}; there are {nodes}. Split"
                " the document, or raise xml_nodes.",
            )
        return etree.fromstring(
            data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        )

    def copy(self) -> io.BytesIO:
        """Write the wanted parts into a new archive, unpacked: what its directory says is true, so any library can
        read it without harm."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
            for name in self._wanted:
                copy.writestr(name, checked(self.read(name), name))
        out.seek(0)
        return out


def checked(data: bytes, name: str) -> bytes:
    """Return the XML if it has no document type declaration, in an encoding in which that can be seen."""
    if not data.lstrip().startswith(_MARKS):
        raise _corrupt(f"{name} is no XML")
    declared = _DECLARED.match(data.replace(b"\0", b"")[:400])
    if declared and declared[1].lower() not in _KNOWN:
        raise _corrupt(f"{name} is in a strange encoding")
    if b"<!DOCTYPE" in (data.replace(b"\0", b"") if b"\0" in data[:_PIECE] else data):
        raise _corrupt(f"{name} has a document type declaration")
    return data


def _corrupt(what: str) -> StageFailed:
    return StageFailed("corrupt", f"Expected a document as Office writes it; {what}. Save it again.")


def _bomb(what: str, option: str) -> StageFailed:
    return StageFailed("zip_bomb", f"Expected at most {what}. If it is what it seems to be, raise {option}.")
