"""What a document is called."""

from __future__ import annotations

from integrations.rag_trainer.results import Metadata, Text


def title_of(metadata: Metadata, text: Text) -> str:
    """Return the title that the text has, else that of the format's properties; without blanks around; or nothing."""
    return next((title.strip() for title in (metadata.title, text.title) if title and title.strip()), "")
