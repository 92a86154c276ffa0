"""Bounds on one document."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from integrations.rag_trainer.limits import Limits


@pytest.mark.parametrize("name", list(Limits.model_fields))
def test_no_bound_is_negative(name: str) -> None:
    """Each says its own smallest value."""
    with pytest.raises(ValidationError, match=name):
        Limits.model_validate({name: -1})
