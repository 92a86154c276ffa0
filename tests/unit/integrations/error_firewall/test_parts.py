"""What the firewall's parts share."""

from __future__ import annotations

import re

from integrations.error_firewall.parts import random_id


def test_ids_are_random() -> None:
    """64 bits: two checks of any processes never share one."""
    ids = {random_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in ids)
