"""Validation of fields that share a response name, within a limit on comparisons."""

from typing import Any

from graphql import OverlappingFieldsCanBeMergedRule, SelectionSetNode, ValidationContext
from graphql.validation.validate import ValidationAbortedError

from qgp.http.document_limits import too_complex


def overlap_rule(allowed: int) -> type[OverlappingFieldsCanBeMergedRule]:
    """Return graphql-core's rule, which compares pairs, with a limit on the comparisons.

    Args:
        allowed: comparisons of one document, in units of graphql-core's budget.
    """

    class OverlapsWithinLimit(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = allowed

        def enter_selection_set(self, node: SelectionSetNode, *place: Any) -> None:
            try:
                super().enter_selection_set(node, *place)
            except ValidationAbortedError:
                if self.rule_context.remaining_complexity_budget < 0:
                    raise too_complex("overlaps", allowed + 1, allowed) from None
                raise

    return OverlapsWithinLimit
