"""Makes a disagreement small: takes away what is not needed for it, as long as it stays."""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    NameNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from tests.engine.agreement.comparison import Request, Verdict

MOST_SECONDS = 30
Differs = Callable[[Request], Awaitable[Verdict | None]]


async def shrunk(request: Request, verdict: Verdict, differs: Differs) -> tuple[Request, Verdict]:
    """Return the smallest request found on which both paths still disagree.

    Args:
        differs: asks both, and returns what they said if that differs.
    """
    best, end = (request, verdict), time.monotonic() + MOST_SECONDS
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in _smaller(best[0]):
            if time.monotonic() > end:
                return best
            if smaller := await differs(candidate):
                best, is_smaller = (candidate, smaller), True
                break
    return best


def _smaller(request: Request) -> Iterator[Request]:
    """Yield what is left with one thing taken away, beginning with the largest things."""
    if request.operation_name is not None:
        yield replace(request, operation_name=None)
    try:
        document = parse(request.document)
    except GraphQLError:
        yield from _shorter(request)
        return
    for cut in _cuts(document):
        yield replace(request, document=print_ast(_tidied(cut.of(document))))
    for variables in _simpler(dict(request.variables)):
        yield replace(request, variables=variables)


def _shorter(request: Request) -> Iterator[Request]:
    """Yield halves and lines of what is no document."""
    text = request.document
    for start, end in ((0, len(text) // 2), (len(text) // 2, len(text)), (1, None), (0, -1)):
        if text[start:end].strip():
            yield replace(request, document=text[start:end])


def _cuts(document: DocumentNode) -> list["Cut"]:
    """Return what can be taken away from a document, the largest first."""
    finder = _Finder()
    visit(document, finder)
    return sorted(finder.cuts, key=lambda cut: -cut.size)


@dataclass(frozen=True)
class Cut:
    """Something smaller, or nothing at all, in the place of a node.

    Attributes:
        size: characters that it saves, roughly.
    """

    node: Node
    instead: Any
    size: int

    def of(self, document: DocumentNode) -> DocumentNode:
        """Return the document with the cut made."""
        cut = self

        class Editor(Visitor):
            def enter(self, node: Node, *_: Any) -> Any:
                return cut.instead if node is cut.node else None

        edited: DocumentNode = visit(document, Editor())
        return edited


class _Finder(Visitor):
    """Finds what can be taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.cuts: list[Cut] = []

    def enter(self, node: Node, *_: Any) -> None:
        """Note the cuts at one node."""
        if isinstance(node, SelectionSetNode):
            self._selections(node)
        if isinstance(node, FieldNode) and node.alias:
            self._note(node, replace(node, alias=None), node.alias)
        if isinstance(node, DocumentNode) and len(node.definitions) > 1:
            self._each(node.definitions)
        if isinstance(node, ObjectValueNode):
            self._each(node.fields)
        if isinstance(node, ListValueNode):
            self._each(node.values)
        for name in ("arguments", "directives"):
            self._each(getattr(node, name, None) or ())

    def _each(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._note(node, REMOVE, node)

    def _selections(self, node: SelectionSetNode) -> None:
        """Drop a selection, or put what is in an inline fragment in the fragment's place."""
        for place, part in enumerate(node.selections):
            before, behind = node.selections[:place], node.selections[place + 1 :]
            if before or behind:
                self._note(part, REMOVE, part)
            elif not (isinstance(part, FieldNode) and part.name.value == "__typename"):
                self._note(part, FieldNode(name=NameNode(value="__typename")), part)
            if isinstance(part, InlineFragmentNode):
                inside = (*before, *part.selection_set.selections, *behind)
                self._note(node, replace(node, selections=inside), None)

    def _note(self, node: Node, instead: Any, saved: Node | None) -> None:
        size = saved.loc.end - saved.loc.start if saved and saved.loc else 0
        self.cuts.append(Cut(node, instead, size))


def _tidied(document: DocumentNode) -> DocumentNode:
    """Drop fragments that are not spread and variables that are not used."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    kept: list[Any] = []
    spread: set[str] = set()
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            names, used = _reached(node, fragments)
            spread |= names
            variables = node.variable_definitions or ()
            needed = tuple(one for one in variables if one.variable.name.value in used)
            kept.append(replace(node, variable_definitions=needed))
    kept += [node for name, node in fragments.items() if name in spread]
    return replace(document, definitions=tuple(kept))


def _reached(
    operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]
) -> tuple[set[str], set[str]]:
    """Return the fragments and variables that an operation comes to."""
    spread: set[str] = set()
    used: set[str] = set()
    waiting: list[Node] = [operation.selection_set]
    while waiting:
        search = _Search()
        visit(waiting.pop(), search)
        used |= search.variables
        waiting += [fragments[n] for n in search.spreads - spread if n in fragments]
        spread |= search.spreads
    return spread, used


class _Search(Visitor):
    """Collects what is spread and which variables are used."""

    def __init__(self) -> None:
        super().__init__()
        self.spreads: set[str] = set()
        self.variables: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        """Note a fragment."""
        self.spreads.add(node.name.value)

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        """Note a variable."""
        self.variables.add(node.name.value)


def _simpler(value: Any) -> Iterator[Any]:
    """Yield a value of the variables with one part of it taken away."""
    if isinstance(value, dict):
        for name, part in value.items():
            rest = {other: kept for other, kept in value.items() if other != name}
            yield rest
            for simpler in _simpler(part):
                yield {**rest, name: simpler}
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield [*value[:place], *value[place + 1 :]]
            for simpler in _simpler(part):
                yield [*value[:place], simpler, *value[place + 1 :]]
