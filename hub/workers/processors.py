"""How many processors this process may really use."""

from __future__ import annotations

import os
from math import ceil
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Where a container's share of processor time stands (cgroup 2): `200000 100000` is two processors, `max` all."""


def usable(quota: Path = QUOTA) -> int:
    """Return the processors that the scheduler gives us, and not more than a container's quota; at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)
    allowed = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(allowed, _quota(quota) or allowed))


def _quota(file: Path) -> int | None:
    try:
        time, period = file.read_text(encoding="ascii").split()
        return ceil(int(time) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
