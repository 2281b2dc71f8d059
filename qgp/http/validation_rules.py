"""Validation rules with cached methods, looked up once in a process, not for each document."""

from functools import cache
from typing import Any

from graphql import ASTValidationRule
from graphql.language.visitor import EnterLeaveVisitor

_NEITHER = EnterLeaveVisitor(None, None)


class CachedMethods:
    """Mixin of a rule: a cache of its methods that apply to a kind of syntax node; mostly none.

    graphql-core looks them up by name, for each rule and kind in each document: 1 ms of 1.7 for a
    short one.
    """

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        """Return the methods that apply to a kind of node."""
        rule: Any = type(self)
        names = _method_names(rule, kind)
        if names == (None, None):
            return _NEITHER
        return EnterLeaveVisitor(*[None if name is None else getattr(self, name) for name in names])


@cache
def _method_names(rule: Any, kind: str) -> tuple[str | None, str | None]:
    """Return the names of the methods to call when a node of a kind is entered and left."""
    enter, leave = (
        next((name for name in (f"{step}_{kind}", step) if hasattr(rule, name)), None)
        for step in ("enter", "leave")
    )
    return enter, leave


def with_cached_methods(rule: type[ASTValidationRule]) -> type[ASTValidationRule]:
    """Return the rule with a cache of its methods."""
    return type(rule.__name__, (CachedMethods, rule), {})
