"""The criterion of an organization adds the conditions that `with_loader_criteria` would add."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased, with_loader_criteria

from qgp.audits.model import Audit
from qgp.findings.model import Finding
from qgp.kit.model import Base, Owned
from qgp.kit.organization_criterion import OrganizationCriterion
from tests.kit.built import BUILT

assert BUILT  # all modules are imported
ORGANIZATION = sa.bindparam("organization", UUID(int=1), type_=sa.Uuid)
ABOVE = aliased(Audit)
AUDITED = Finding.audit_id == Audit.id
STATEMENTS: dict[str, Callable[[], Any]] = {
    "joins": lambda: sa.select(Finding.id).join(Audit, AUDITED),
    "outer joins": lambda: sa.select(Finding.id).outerjoin(ABOVE, Finding.audit_id == ABOVE.id),
    "subqueries": lambda: sa.select(Audit).where(Audit.id.in_(sa.select(Finding.audit_id))),
    "correlated": lambda: sa.select(Audit).where(sa.select(Finding.id).where(AUDITED).exists()),
    "tables": lambda: sa.select(sa.select(Finding.id).cte().c.id),
    "unions": lambda: sa.union_all(sa.select(Finding.id), sa.select(Audit.id)),
    "updates": lambda: sa.update(Finding).values(title="Other"),
}


def sql(statement: Any, criterion: Any) -> str:
    return str(statement.options(criterion).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("kind", STATEMENTS)
def test_the_conditions_are_those_of_sqlalchemy(kind: str) -> None:
    theirs = with_loader_criteria(
        Owned, lambda model: model.within(ORGANIZATION), include_aliases=True
    )
    text = sql(STATEMENTS[kind](), OrganizationCriterion(ORGANIZATION))
    assert text == sql(STATEMENTS[kind](), theirs)


def test_every_class_of_an_organization_is_limited_to_it() -> None:
    classes = [mapper.class_ for mapper in Base.registry.mappers]
    owned = [model for model in classes if issubclass(model, Owned)]
    assert len(owned) > 50
    for model in owned:
        table: Any = model.__table__
        for entity, name in ((model, table.name), (aliased(model, name="other"), "other")):
            text = sql(sa.select(entity), OrganizationCriterion(ORGANIZATION))
            assert f"{name}.organization_id = %(organization)s" in text
