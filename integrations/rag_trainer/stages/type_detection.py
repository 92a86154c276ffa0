"""Stage 4: what kind of document it is."""

from __future__ import annotations

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.recognition.kinds import kind_of
from integrations.rag_trainer.results import DocumentType, Text

_REASONS_TOLD = 4


class TypeDetection:
    """Tells the type and subtype by rules, with what spoke for them; `generic` when too little does.

    A text that cites norms is no norm: a designation counts as the document's own where a title stands.
    """

    name = "document type detection"
    result = DocumentType

    def run(self, draft: Draft) -> DocumentType:
        """Look at the text's begin, its words and the file's name. Never fails."""
        kind = kind_of(draft[Text], draft.source.name)
        verdict = kind.verdict
        told = "/".join(filter(None, (verdict.type, verdict.subtype)))
        named = f", {kind.designation}" if kind.designation else ""
        reasons = "; ".join(verdict.reasons[:_REASONS_TOLD])
        more = len(verdict.reasons) - _REASONS_TOLD
        rest = f"; and {more} more" if more > 0 else ""
        return DocumentType(
            log=f"{told}{named}, confidence {verdict.confidence:.2f}: {reasons}{rest}",
            type=verdict.type,
            subtype=verdict.subtype,
            confidence=verdict.confidence,
            designation=kind.designation,
            reasons=verdict.reasons,
        )
