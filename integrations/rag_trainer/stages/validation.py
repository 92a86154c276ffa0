"""Stage 1: is there a file that can be trained?"""

from __future__ import annotations

import os
from typing import Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.files import Opener, opened
from integrations.rag_trainer.reading.formats import recognise
from integrations.rag_trainer.results import Validation


class InitialValidation:
    """Looks whether a file is there, readable, of a size that is taken, and of one of the formats by its bytes.

    Args:
        opener: opens files, as `os.open` does.
    """

    name: Final = "initial validation"
    result: Final = Validation

    def __init__(self, limits: Limits, opener: Opener = os.open) -> None:
        self._limits = limits
        self._opener = opener

    def run(self, draft: Draft) -> Validation:
        """Read the begin of the file, and of a ZIP its directory.

        Raises:
            StageFailed: `missing`, `symlink_loop`, `directory`, `not_a_file`, `unreadable`, `empty`, `too_large`,
                `unsupported`, `encrypted`, `zip_bomb` or `corrupt`.
        """
        with opened(draft.source.path, self._limits, self._opener) as (file, size):
            format, warnings = recognise(file, draft.source.name, self._limits)
        notes = "".join(f"; {warning}" for warning in warnings)
        return Validation(
            exists=True,
            size=size,
            can_read=True,
            format=format,
            warnings=warnings,
            log=f"{size} bytes, readable, {format}{notes}",
        )
