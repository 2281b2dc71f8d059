"""Documents: one operation, or several that share fragments, over variables."""

from dataclasses import dataclass

from graphql import GraphQLSchema

from tests.engine.agreement.fragments import Budget
from tests.engine.agreement.sample_data import SampleData
from tests.engine.agreement.scope import Scope
from tests.engine.agreement.selections import Selections
from tests.engine.agreement.tally import Tally
from tests.engine.agreement.values import Values
from tests.engine.agreement.variables import Variables


@dataclass(frozen=True)
class Operation:
    """One operation of a document.

    Attributes:
        name: None for an anonymous one.
        scope: what may come back.
        variables: names of those that it declares.
    """

    name: str | None
    scope: Scope
    variables: frozenset[str]


@dataclass(frozen=True)
class Document:
    """A document, and the variables that can be drawn for it again and again."""

    text: str
    operations: tuple[Operation, ...]
    variables: Variables


class Writer:
    """Writes one document.

    Args:
        refused: root fields that whoever asks may not read; they are asked less.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        sample: SampleData,
        tally: Tally,
        *,
        budget: Budget,
        refused: frozenset[str],
    ) -> None:
        assert schema.query_type is not None
        self._query, self._tally = schema.query_type, tally
        values = Values(schema, sample, tally)
        self._variables = values.variables
        self._selections = Selections(values, budget, refused)

    def document(self) -> Document:
        """Write a document."""
        count = self._tally.chance.choices((1, 2, 3), (90, 7, 3))[0]
        fragments = self._selections.fragments
        texts, operations, spread = [], [], set[str]()
        for place in range(count):
            self._variables.used, fragments.spread = set(), set()
            text, operation = self._operation(place, is_alone=count == 1)
            texts.append(text)
            operations.append(operation)
            spread |= fragments.spread
        texts += [fragments.sample[name].text for name in sorted(spread)]
        self._tally.chance.shuffle(texts)
        return Document("\n".join(texts), tuple(operations), self._variables)

    def _operation(self, place: int, *, is_alone: bool) -> tuple[str, Operation]:
        scope = Scope()
        roots = self._tally.chance.choices((1, 2, 3, 6), (60, 25, 12, 3))[0]
        body = self._selections.braces(self._query, scope, width=roots)
        used = frozenset(self._variables.used)
        name = None if is_alone and self._tally.happens(0.4) else f"Op{place}"
        declared = ", ".join(self._variables.declared[one].declared for one in sorted(used))
        head = f"query {name or ''}" + (f"({declared})" if declared else "")
        is_bare = name is None and not used and self._tally.happens(0.6)
        return body if is_bare else f"{head} {body}", Operation(name, scope, used)
