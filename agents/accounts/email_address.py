"""E-mail addresses: one spelling for each, so that nobody registers the same one twice."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from channels.errors import ErrorCode, ReplyError

LENGTH_MAX: Final = 254
"""Longest address in characters (RFC 5321, section 4.5.3.1.3, less the brackets)."""

_LOCAL_MAX: Final = 64
_is_local = re.compile(r"[^\s@\x00-\x1f\x7f,;<>()\[\]\\\"]+").fullmatch
_is_label = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?").fullmatch


def normal(text: str) -> str:
    """Return the spelling under which an address is kept: NFKC, and the domain in lower case.

    The part before the @ is kept as it was written, since a mail server may tell cases apart; that two accounts never
    differ in case alone is the database's to see to.

    Raises:
        ReplyError: `invalid_data`; it is no address. The text doesn't repeat it.
    """
    local, at, domain = unicodedata.normalize("NFKC", text).strip().rpartition("@")
    domain = domain.lower()
    labels = domain.split(".")
    if (
        at
        and len(local) <= _LOCAL_MAX
        and len(local) + 1 + len(domain) <= LENGTH_MAX
        and _is_local(local)
        and len(labels) > 1
        and all(map(_is_label, labels))
    ):
        return f"{local}@{domain}"
    raise ReplyError(ErrorCode.INVALID_DATA, "email: expected an address such as ada@example.org", path="/email")
