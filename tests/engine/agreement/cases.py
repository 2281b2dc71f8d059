"""Test cases: new documents, repeated ones with other variables, invalid ones."""

from collections import deque
from dataclasses import dataclass, replace

from graphql import GraphQLSchema

from tests.engine.agreement.comparison import ACCEPTS, Request
from tests.engine.agreement.documents import Document, Writer
from tests.engine.agreement.fragments import Budget
from tests.engine.agreement.invalid_documents import make_invalid
from tests.engine.agreement.people import Person
from tests.engine.agreement.sample_data import SampleData
from tests.engine.agreement.scope import Scope
from tests.engine.agreement.tally import Tally

SPOILED, AGAIN = 0.05, 0.3
_BUDGETS = (
    Budget(points=300, fields=25, aliases=5, directives=6, levels=5),
    Budget(points=1_500, fields=50, aliases=15, directives=15, levels=8),
    Budget(points=8_500, fields=90, aliases=25, directives=30, levels=12),
    Budget(points=60_000, fields=400, aliases=60, directives=80, levels=15),
)
_SHARES = (62, 30, 7, 1)


@dataclass(frozen=True)
class Case:
    """One operation and its caller.

    Attributes:
        scope: what may come back; None for a broken document.
    """

    person: Person
    request: Request
    scope: Scope | None


class Cases:
    """Draws cases; the same seed draws the same from the same data."""

    def __init__(self, schema: GraphQLSchema, sample: SampleData, tally: Tally) -> None:
        self._schema, self._known, self._tally = schema, sample, tally
        self._written: deque[Document] = deque(maxlen=40)

    def of(self, person: Person) -> Case:
        """Draw the next operation of a person.

        Some were asked before, maybe by somebody else: who may see what, and what a variable
        changes, must not be remembered with the document.
        """
        if self._written and self._tally.happens(AGAIN):
            document = self._tally.one(self._written)
        else:
            (budget,) = self._tally.chance.choices(_BUDGETS, _SHARES)
            refused = self._known.forbidden.get(person.name, frozenset())
            document = Writer(
                self._schema, self._known, self._tally, budget=replace(budget), refused=refused
            ).document()
            self._written.append(document)
        return self._asked(person, document)

    def _asked(self, person: Person, document: Document) -> Case:
        operation = self._tally.one(document.operations)
        name = operation.name
        if len(document.operations) == 1 and self._tally.happens(0.6):
            name = None
        if self._tally.happens(0.01):
            name = self._tally.one(("Nobody", ""))
        accept = ACCEPTS[self._tally.happens(0.2)]
        variables = document.variables.values(operation.variables)
        text, scope = document.text, operation.scope
        if self._tally.happens(SPOILED):
            return Case(
                person,
                Request(make_invalid(text, self._tally.chance), variables, name, accept),
                None,
            )
        return Case(person, Request(text, variables, name, accept), scope)
