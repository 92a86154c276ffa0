"""How deep a query may go, and how many aliases it may have.

Fragments are measured once each: in a query where each of them uses the next one twice, going through all uses would
take as long as there are uses, two to the power of the fragments.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

DEPTH: Final = 8
"""Fields within fields. What asks for the schema itself (`__schema`) isn't counted; GraphQL bounds that."""

ALIASES: Final = 30
TOKENS: Final = 1_000
"""Words and brackets of a query."""


class Size(NamedTuple):
    """What a part of a query has, its fragments included."""

    depth: int
    aliases: int


NOTHING: Final = Size(0, 0)


class Bounds(ValidationRule):
    """Refuses what is over the bounds."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, Size] = {}

    def enter_document(self, node: DocumentNode, *_: Any) -> None:
        """Count operations: with several, and none named, GraphQL has no first one."""
        operations = [each for each in node.definitions if isinstance(each, OperationDefinitionNode)]
        if len(operations) > 1:
            self.report_error(GraphQLError(f"expected one operation, got {len(operations)}", operations))

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure an operation."""
        depth, aliases = self._measure(node.selection_set)
        if depth > DEPTH:
            self.report_error(GraphQLError(f"a query may be {DEPTH} fields deep, this one is {depth}", node))
        if aliases > ALIASES:
            self.report_error(GraphQLError(f"a query may have {ALIASES} aliases, this one has {aliases}", node))

    def _measure(self, selections: SelectionSetNode | None) -> Size:
        if selections is None:
            return NOTHING
        sizes = [self._size(selection) for selection in selections.selections]
        return Size(max((size.depth for size in sizes), default=0), sum(size.aliases for size in sizes))

    def _size(self, node: Any) -> Size:
        if isinstance(node, FieldNode):
            depth, aliases = self._measure(node.selection_set)
            is_schema = node.name.value.startswith("__")
            return Size(1 if is_schema else 1 + depth, aliases + (node.alias is not None))
        if isinstance(node, InlineFragmentNode):
            return self._measure(node.selection_set)
        return self._fragment(node) if isinstance(node, FragmentSpreadNode) else NOTHING

    def _fragment(self, node: FragmentSpreadNode) -> Size:
        name = node.name.value
        if name not in self._fragments:
            self._fragments[name] = NOTHING  # where it uses itself, which another rule refuses
            found = self.context.get_fragment(name)
            if isinstance(found, FragmentDefinitionNode):
                self._fragments[name] = self._measure(found.selection_set)
        return self._fragments[name]
