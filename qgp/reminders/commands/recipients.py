"""Recipients of reminders: those responsible, their managers and delegates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from qgp.delegations.facts import delegates_of
from qgp.kit.policy import Role
from qgp.kit.work import Work
from qgp.users.facts import managers_unfiltered, principals_unfiltered

MOST_MANAGERS = 10  # quality managers to whom one escalation goes


@dataclass(frozen=True)
class Recipients:
    """Users to whom the reminders of some users' due dates go.

    Attributes:
        managers: of each user, if they may sign in.
        delegates: of absent users.
        quality: the quality managers, to whom an escalation goes that reaches nobody else.
    """

    managers: Mapping[UUID, UUID]
    delegates: Mapping[UUID, Sequence[UUID]]
    quality: Sequence[UUID]

    @classmethod
    async def of(cls, work: Work, users: Collection[UUID]) -> "Recipients":
        """Load those of the users."""
        named = await managers_unfiltered(work, users)
        present = await principals_unfiltered(work.session, ids={*named.values()})
        managers = {user: manager for user, manager in named.items() if manager in present}
        roles = {Role.QUALITY_MANAGER}
        quality = await principals_unfiltered(work.session, roles=roles, most=MOST_MANAGERS)
        delegates = await delegates_of(work, {*users, *managers.values()})
        return cls(managers, delegates, [*quality])

    def reminded(self, responsible: Iterable[UUID]) -> Mapping[UUID, UUID]:
        """Return who is reminded, each with the user responsible: these, and their delegates."""
        users: dict[UUID, UUID] = {id: id for id in responsible}
        for id in [*users]:
            for delegate in self.delegates.get(id, ()):
                users.setdefault(delegate, id)
        return users

    def escalated(self, late_users: Collection[UUID]) -> Mapping[UUID, UUID | None]:
        """Return to whom overdue work is escalated, each with the user who is late.

        That is the manager with the delegate of an absent one; without a manager, the delegate of
        the user who is late; without either, the quality managers. It is never that user. Work that
        waits for nobody in person is escalated to the quality managers, with None.
        """
        if not late_users:
            return dict.fromkeys(self.quality)
        users: dict[UUID, UUID | None] = {}
        for late in late_users:
            manager = self.managers.get(late)
            chain = (
                () if manager is None else (manager, *self.delegates.get(manager, ())),
                self.delegates.get(late, ()),
                self.quality,
            )
            others = ([id for id in ids if id != late] for ids in chain)
            for id in next(filter(None, others), ()):
                users.setdefault(id, late)
        return users
