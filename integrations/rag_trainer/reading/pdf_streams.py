"""What the streams of a PDF unpack to, counted before another library unpacks them without a bound."""

from __future__ import annotations

from typing import Any, Final

from pypdf import PageObject
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.stage import StageFailed

_MOST_OBJECTS: Final = 100_000
_MAY_HOLD: Final = (IndirectObject, DictionaryObject, ArrayObject)
_UP: Final = frozenset(("/Parent", "/P", "/StructParent", "/Popup"))


class Streams:
    """Counts bytes of streams, over all pages of a document."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._unpacked = 0
        self._seen: set[int] = set()

    def contents(self, page: PageObject) -> None:
        """Count a page's own streams, each time: a thousand pages may share one, and each reads it.

        Raises:
            StageFailed: `too_complex`: all of them unpack to more than is taken.
        """
        found = page.get_contents()
        self._add(len(found.get_data()) if found is not None else 0)

    def resources(self, page: PageObject) -> None:
        """Count what a page uses, such as fonts and forms, once for all pages; images are left out.

        Raises:
            StageFailed: `too_complex`: as above, or more objects than 100,000.
            Exception: whatever the library raises for a damaged stream, or one that is longer than one may be.
        """
        waiting: list[Any] = [page.raw_get("/Resources") if "/Resources" in page else page.get_inherited("/Resources")]
        while waiting:
            item = waiting.pop()
            item = item.get_object() if isinstance(item, IndirectObject) else item
            if id(item) in self._seen:  # the library keeps all objects, so none has the number of another
                continue
            self._seen.add(id(item))
            if len(self._seen) > _MOST_OBJECTS:
                raise StageFailed(
                    "too_complex", f"Expected pages that use at most {_MOST_OBJECTS} objects; there are more. Split it."
                )
            if isinstance(item, StreamObject) and item.get("/Subtype") != "/Image":
                self._add(len(item.get_data()))
            if isinstance(item, DictionaryObject):
                waiting += [item.raw_get(key) for key in dict.__iter__(item) if key not in _UP]
            elif isinstance(item, ArrayObject):
                waiting += [value for value in list.__iter__(item) if isinstance(value, _MAY_HOLD)]

    def _add(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > self._limits.unpacked_bytes:
            raise too_complex(f"{self._limits.unpacked_bytes} bytes of page streams", "unpacked_bytes")


def too_complex(what: str, option: str) -> StageFailed:
    """Return the failure of a document that takes more than an option allows."""
    return StageFailed("too_complex", f"Expected at most {what}; there are more. Split the PDF, or raise {option}.")
