"""Stage 2: is it in the library already?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.cleaning import clean
from integrations.rag_trainer.reading.encodings import decode
from integrations.rag_trainer.reading.files import read
from integrations.rag_trainer.reading.html import decode_html, without_declaration
from integrations.rag_trainer.results import Duplicate, Format, Validation
from integrations.rag_trainer.stage import Skipped, StageFailed


class DuplicateChecking:
    """Compares a file with the library by its bytes, and text formats also by their text.

    Args:
        holder_of: returns the name of the document with a file hash or content hash; see `ports.Library`.
        limits: bounds what is read.
    """

    name: Final = "duplicate checking"
    result: Final = Duplicate

    def __init__(self, holder_of: Callable[[str], str | None], limits: Limits | None = None) -> None:
        self._holder_of = holder_of
        self._limits = limits or Limits()

    def run(self, draft: Draft) -> Duplicate:
        """Hash the file.

        Raises:
            Skipped: `duplicate`: the same bytes or the same text is in the library, under whatever name.
            StageFailed: the file can't be read any more.
        """
        data = read(draft.source.path, self._limits)
        file_hash = hashlib.sha256(data).hexdigest()
        content_hash = _content_hash(data, draft[Validation].format) or file_hash
        for fingerprint, what in ((file_hash, "bytes"), (content_hash, "text")):
            holder = self._holder_of(fingerprint)
            if holder == draft.source.name:
                raise Skipped("duplicate", f"It is in the library with the same {what}; nothing has changed.")
            if holder is not None:
                raise Skipped("duplicate", f"The library has the same {what} as {holder}.")
        return Duplicate(
            is_duplicate=False,
            file_hash=file_hash,
            content_hash=content_hash,
            log=f"not in the library, SHA-256 {file_hash[:12]}",
        )


def _content_hash(data: bytes, format: Format) -> str | None:
    """Hash the text; `None`: the format is no text, or it can't be decoded, which the next stage says by name."""
    if format not in ("md", "txt", "html"):
        return None
    try:
        text = without_declaration(decode_html(data).text) if format == "html" else decode(data).text
    except StageFailed:
        return None
    return hashlib.sha256(clean(text).encode()).hexdigest()
