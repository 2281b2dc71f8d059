"""What an organization can put a finding down to on its first day."""

from collections import Counter

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.capas.model.terms import CauseNodeCategory
from qgp.findings.commands.default_cause_categories import CAUSES, parent_code
from qgp.findings.model import CauseCategory
from qgp.kit.session import Scope
from qgp.organizations import service as organizations
from tests.command_line import Command
from tests.company import Company


def test_each_branch_has_five_causes() -> None:
    branches = Counter(parent_code(code) or "" for code in CAUSES)
    assert branches == {"": 7} | dict.fromkeys(map(str, CauseNodeCategory), 5)
    assert len({*CAUSES.values()}) == len(CAUSES)


@pytest.fixture
def slug(qgp: Command, company: Company) -> str:
    """The slug of an organization that the operator has created."""
    slug = f"{company.slug}-new"
    names = ("--name", "Acme", "--owner-email", f"o@{slug}.example")
    assert qgp("organization", "create", "--slug", slug, *names).exit_code == 0
    return slug


async def test_a_created_organization_has_the_tree(application: Application, slug: str) -> None:
    row = await organizations.by_slug(application.database, slug)
    assert row is not None
    wider = sa.orm.aliased(CauseCategory)
    statement = sa.select(CauseCategory.code, CauseCategory.name, wider.code)
    statement = statement.outerjoin(wider, wider.id == CauseCategory.parent_id)
    async with application.database.read(Scope(row.id)) as session:
        tree = {code: (name, branch) for code, name, branch in await session.execute(statement)}
    assert tree == {code: (name, parent_code(code)) for code, name in CAUSES.items()}
