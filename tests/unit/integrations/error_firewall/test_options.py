"""The firewall's bounds and modes."""

from __future__ import annotations

import dataclasses

from integrations.error_firewall.model import FailMode
from integrations.error_firewall.options import Options


def test_the_defaults_block_nothing_unasked() -> None:
    """What can't be checked goes on with a warning, and likeness needs to be near."""
    options = Options()
    assert (options.dry_run, options.fail_mode) == (False, FailMode.OPEN)
    assert options.similarity_threshold >= 0.9


def test_every_bound_is_explained() -> None:
    """Each option by its name in the docstring."""
    doc = Options.__doc__ or ""
    assert [field.name for field in dataclasses.fields(Options) if f"{field.name}:" not in doc] == []
