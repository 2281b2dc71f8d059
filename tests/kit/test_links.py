"""Links refer to records that the caller may read."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.comments.model import CommentMention
from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.errors import NotFound
from qgp.kit.links import Links
from qgp.kit.policy import Principal, Role
from qgp.users.facts import visible_roles
from tests import factories
from tests.company import Company, Person
from tests.kit.work import work_of

MENTIONS = Links(CommentMention, "comment_id", "user_id", 50, "mentionIds")


def context_of(company: Company, person: Person, role: Role) -> Context:
    """Open an operation of a member."""
    member = (person.user_id, ids.uuid7(), company.organization_id, ids.uuid7())
    return Context(company.application.database, "request-1", Principal(*member, role))


async def comment_id(company: Company) -> UUID:
    """Write a comment on an action."""
    async with work_of(company) as work:
        action = await work.add(factories.action(owner_id=company.owner.user_id))
        row = await work.add(factories.comment(action))
        return row.id


async def test_a_record_that_is_hidden_from_the_caller_is_not_linked(company: Company) -> None:
    guest, comment, owner = (
        await company.hire(Role.SUPPLIER_CONTACT),
        await comment_id(company),
        company.owner.user_id,
    )
    of_guest = context_of(company, guest, Role.SUPPLIER_CONTACT)
    with pytest.raises(NotFound, match=r"No User with this id is visible to you\."):
        async with of_guest.unit_of_work("test") as work:
            await MENTIONS.rewrite(work, comment, [guest.user_id, owner])
    async with of_guest.unit_of_work("test") as work:
        assert await work.rows(sa.select(CommentMention)) == []
        assert await MENTIONS.rewrite(work, comment, [guest.user_id])
        assert await visible_roles(work, [guest.user_id, owner]) == {
            guest.user_id: Role.SUPPLIER_CONTACT
        }
    async with work_of(company) as work:
        assert await MENTIONS.rewrite(work, comment, [owner])
