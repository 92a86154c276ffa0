"""A worker must not outlive its supervisor: nobody would restart, reload or stop it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1
_SET_NAME = 15


DEATH = signal.SIGUSR1
"""What the kernel sends. It may send it several times, once for each thread of the parent that dies, so it is none of
those that are counted. Without a handler it ends the process."""


def follow(parent: int) -> bool:
    """Have the kernel send `DEATH` to this process when `parent` dies, where it can (Linux).

    Elsewhere the end of the link tells, as it does on Linux too unless the loop is stuck.

    Returns:
        Whether the parent is still there. It may have died before this was called.
    """
    if sys.platform == "linux":
        _prctl(_SET_PARENT_DEATH_SIGNAL, DEATH)
    return os.getppid() == parent


def name(title: str) -> None:
    """Give this process a name for `ps` and `top`, where that is possible (Linux): 15 bytes of it are kept."""
    if sys.platform == "linux":
        _prctl(_SET_NAME, ctypes.c_char_p(title.encode()))


def _prctl(option: int, value: int | ctypes.c_char_p) -> None:
    # A container may forbid it; then the end of the link has to do.
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
