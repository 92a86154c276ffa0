"""What can be asked for and changed in GraphQL. With a database: tests/integration/test_graphql.py."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hub.http.api.my.graph.operations import Mutation, Query
from hub.http.api.table import ENDPOINTS


@pytest.mark.parametrize("operations", [Query, Mutation])
def test_each_field_has_an_endpoint(operations: Any) -> None:
    """Which its docstring names, and people find described."""
    rows = {(row.method, re.sub(r"{\w+}", "ID", row.path)) for row in ENDPOINTS}
    for field in operations.__strawberry_definition__.fields:
        named = field.base_resolver.wrapped_func.__doc__.split("`")[1]
        assert tuple(named.split(" ")) in rows, field.python_name
        assert field.description
