"""Random values of rows of four kinds, with every type of column that records have."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.model import AuditResponse
from qgp.kit.model import Record
from qgp.organizations.model import Site
from qgp.standards.model import Standard
from qgp.standards.model.terms import StandardKind, StandardOrigin, StandardStatus
from qgp.templates.model import QuestionOption
from tests import factories
from tests.company import Company
from tests.kit.work import work_of

Values = dict[str, Any]
KINDS: dict[str, type[Record]] = {
    kind.__tablename__: kind for kind in (Site, Standard, AuditResponse, QuestionOption)
}
TEXTS = ["", "One", "Zürich \u2028 \U0001f3ed", '\'; -- \\ {"a",b} NULL']
LISTS: list[list[str]] = [[], [""], ["a", 'b,"c" {}', "NULL"], ["\\", "é"]]
ANSWERS: list[Values | None] = [
    None,
    {"verdict": "NO"},
    {"text": 'a "b" \u2028'},
    {"keys": ["A", None, 1.5, {}]},
]
SEQUENCES: list[Values] = [{}, {"desk": 1}, {"a": 1, "é": [None]}]
DAYS = [None, date(2026, 1, 31), date(1999, 12, 31)]
POINTS = [None, *map(Decimal, ("0", "0.25", "12.5", "999999999999.99"))]


@dataclass(frozen=True)
class RandomRows:
    """Random values for rows of a company.

    Attributes:
        of_response: columns of every response: its audit, its question and its author.
        question_id: the question of every option.
    """

    random: Random
    of_response: Values
    question_id: UUID

    def fixed(self, table: str, number: int) -> Values:
        """Return the values that a row keeps, with a number of its own where they are unique."""
        if table == "sites":
            return {"code": f"S{number}"}
        if table == "audit_responses":
            return self.of_response | {"repeat_index": number}
        if table == "question_options":
            return {"question_id": self.question_id, "key": f"K{number}", "position": number}
        state = {"origin": StandardOrigin.OWN, "status": StandardStatus.DRAFT}
        return {"family_code": f"F{number}", **state}

    def values(self, table: str, ids: list[UUID]) -> Values:
        """Return the other values of a row; it may refer to one of `ids`."""
        values: Values = {}
        pick = self.random.choice
        if table == "sites":
            values |= {"name": pick(TEXTS), "country": pick((None, "DE"))}
            return values | {"parent_id": pick([None, *ids])}
        if table == "standards":
            values |= {"title": pick(TEXTS), "publisher": pick([None, *TEXTS])}
            values |= {"edition": pick("12"), "kind": pick(list(StandardKind))}
            values |= {"published_on": pick(DAYS), "document_ids": pick(LISTS)}
            return values | {"supersedes_id": pick([None, *ids])}
        if table == "question_options":
            values |= {"label": pick(TEXTS), "is_fail": pick((True, False))}
            return values | {"score": pick(POINTS[:-1])}
        answer, points = pick(ANSWERS), pick(POINTS)
        values |= {"value": answer, "is_na": answer is None}
        values |= {"score": points, "max_score": points}
        return values | {"comment": pick([None, *TEXTS]), "client_sequences": pick(SEQUENCES)}

    def some_values(self, table: str, ids: list[UUID]) -> Values:
        """Return some of these values; those that a check compares go together."""
        values = self.values(table, ids)
        names = self.random.sample([*values], self.random.randint(1, len(values)))
        if table == "audit_responses":
            names += ["value", "is_na", "score", "max_score"]
        return {name: values[name] for name in names}


async def random_rows(company: Company, random: Random) -> RandomRows:
    """Write an audit and a question, to which responses refer."""
    async with work_of(company) as work:
        template = await work.add(factories.audit_template())
        version = await work.add(factories.template_version(template.id))
        question = await work.add(factories.question(await work.add(factories.section(version.id))))
        audit = await work.add(factories.audit())
    author = company.owner.user_id
    sample = factories.audit_response(audit.id, question.id, "YES", answered_by_id=author)
    columns = sa.inspect(AuditResponse).column_attrs.keys()
    of_response = {name: vars(sample)[name] for name in columns if name in vars(sample)}
    return RandomRows(random, of_response, question.id)
