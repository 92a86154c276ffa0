"""Which passwords may be chosen."""

from __future__ import annotations

import unicodedata
from typing import Final

from channels.errors import ErrorCode, ReplyError

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 200
"""Characters of a password."""

DIFFERENT_MIN: Final = 5
"""Different characters that a password has at least: `aaaaaaaaaa` and `1212121212` are the first to be tried."""


def require_good(password: str, email: str, path: str = "/password") -> None:
    """Refuse a password that is among the first to be guessed.

    Args:
        path: where it stands in what was sent, as a JSON pointer.

    Raises:
        ReplyError: `invalid_data`, with the rule that it breaks; never with the password.
    """
    chosen = unicodedata.normalize("NFKC", password)
    local = email.partition("@")[0]
    if not LENGTH_MIN <= len(chosen) <= LENGTH_MAX:
        wrong = f"expected {LENGTH_MIN} to {LENGTH_MAX} characters, got {len(chosen)}"
    elif len(set(chosen)) < DIFFERENT_MIN:
        wrong = f"expected at least {DIFFERENT_MIN} different characters"
    elif chosen.casefold() in (email.casefold(), local.casefold(), f"{local}{local}".casefold()):
        wrong = "expected something else than the e-mail address"
    else:
        return
    raise ReplyError(ErrorCode.INVALID_DATA, f"{path[1:]}: {wrong}", path=path)
