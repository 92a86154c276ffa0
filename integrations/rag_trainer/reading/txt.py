"""Plain text, in any encoding."""

from __future__ import annotations

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.encodings import decode


def read_txt(data: bytes, limits: Limits) -> Content:
    """Read plain text; form feeds part pages where there are any.

    Raises:
        StageFailed: see `decode`.
    """
    decoded = decode(data)
    writer = Writer(limits.text_chars)
    pages = decoded.text.rstrip("\f\r\n ").split("\f")
    for number, page in enumerate(pages, start=1):
        if len(pages) > 1:
            writer.page(number)
        writer.paragraph(page)
    return writer.content(encoding=decoded.encoding, warnings=decoded.warnings)
