"""The format of a file, by its bytes; the name's extension only decides between kinds of plain text."""

from __future__ import annotations

import re
import zipfile
from typing import BinaryIO, Final

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.archives import check_directory
from integrations.rag_trainer.reading.encodings import looks_like_text
from integrations.rag_trainer.results import Format
from integrations.rag_trainer.stage import StageFailed

HEAD: Final = 65_536
"""Bytes at the begin of a file that are looked at."""

_PDF_WITHIN: Final = 1_024
_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"GIF8")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS: Final = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"{\\rtf", "an RTF document"),
    (b"AT&TFORM", "a DjVu document"),
    (b"%!PS", "a PostScript document"),
    (b"SQLite format 3", "a SQLite database"),
)
_EXTENSIONS: Final[dict[str, Format]] = {
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "md": "md",
    "markdown": "md",
    "txt": "txt",
    "text": "txt",
    "png": "image",
    "jpg": "image",
    "jpeg": "image",
    "tif": "image",
    "tiff": "image",
    "bmp": "image",
    "gif": "image",
    "webp": "image",
}
_HTML: Final = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.I | re.S
)
_TAG: Final = re.compile(rb"<(?:p|div|h[1-6]|table|ul|ol|br|span|a|b|i|title)\b[^<>]{0,500}>", re.I)


def recognise(file: BinaryIO, name: str, limits: Limits) -> tuple[Format, tuple[str, ...]]:
    """Say what a file is, and warn when its name says something else.

    Reads the first 64 KiB, and of a ZIP the directory at its end.

    Args:
        file: at its begin.
        name: of the file, for its extension.

    Raises:
        StageFailed: `unsupported`: none of the formats; `encrypted`: a document that Office has encrypted; `corrupt`:
            a ZIP without a directory; `zip_bomb`: its directory is too long.
    """
    head = file.read(HEAD)
    claimed = _EXTENSIONS.get(extension := _extension(name))
    found = _by_signature(head, file, limits) or _by_text(head, claimed)
    if found == claimed:
        return found, ()
    if not extension:
        return found, (f"the name has no extension; read as {found} by its bytes",)
    return found, (f"the name ends with .{extension}; read as {found} by its bytes",)


def _extension(name: str) -> str:
    _, dot, extension = name.rpartition("/")[2].rpartition(".")
    return extension.lower() if dot else ""


def _by_signature(head: bytes, file: BinaryIO, limits: Limits) -> Format | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(file, limits)
    if head.startswith(_OLE):
        raise _in_ole(head, file)
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "image" if not looks_like_text(head) or head.startswith(b"\xff\xd8\xff") else None
    for signature, what in _OTHERS:
        if head.startswith(signature) and (len(signature) > 2 or not looks_like_text(head)):
            raise _unsupported(what)
    return "pdf" if b"%PDF-" in head[:_PDF_WITHIN] else None


def _in_zip(file: BinaryIO, limits: Limits) -> Format:
    check_directory(file, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except Exception as error:  # the module lets several kinds of errors out for broken archives
        raise StageFailed(
            "corrupt", f"Expected a docx or xlsx; its archive can't be opened ({error}). Save or copy it again."
        ) from None
    if any(name.startswith("word/document") for name in names):
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise _unsupported("a presentation" if "ppt/presentation.xml" in names else "a ZIP archive")


def _in_ole(head: bytes, file: BinaryIO) -> StageFailed:
    """What a compound file is: its directory may be anywhere, so that is looked for in the begin and in the end."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - HEAD))
    if "EncryptedPackage".encode("utf-16-le") in head + file.read():
        return StageFailed("encrypted", "Expected a document that opens without a password; save it without one.")
    return _unsupported("an old Office document (.doc, .xls)")


def _by_text(head: bytes, claimed: Format | None) -> Format:
    if not looks_like_text(head):
        raise _unsupported("a binary file")
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if _HTML.match(plain) or (claimed == "html" and _TAG.search(plain)):
        return "html"
    return "md" if claimed == "md" else "txt"


def _unsupported(what: str) -> StageFailed:
    return StageFailed(
        "unsupported",
        f"Expected pdf, docx, xlsx, html, md, txt or an image; by its bytes this is {what}. Save it as one of these.",
    )
