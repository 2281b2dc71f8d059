"""Contents of messages about notifications, as far as the recipient may read the records."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from qgp.kit import clock, ids
from qgp.kit.background_jobs import JobContext
from qgp.kit.context import Context
from qgp.kit.gql.record_names import name_of
from qgp.kit.policy import Principal
from qgp.kit.subjects import About
from qgp.kit.visibility import NODES
from qgp.mail.mailer import Mailer
from qgp.mail.message import Mailbox, Message
from qgp.mail.rendering import Content, Entry, lay_out
from qgp.mail.unsubscribe import Subscription, Unsubscribing
from qgp.notifications.facts import DIGEST
from qgp.notifications.model import Notification, NotificationKind
from qgp.organizations.facts import Sender
from qgp.texts.catalogue import Texts, texts_for
from qgp.texts.pages import NOTIFICATIONS_PAGE, PREFERENCES_PAGE, RECORD_PAGE

# Pages of the frontend.
MOST_ENTRIES = 50  # of a message
_USER = "usr"


@dataclass(frozen=True)
class Mailing:
    """Message to one recipient.

    Attributes:
        kind: of its notifications; None for a digest.
        message_id: of the message, in each attempt.
    """

    organization_id: UUID
    user_id: UUID
    message_id: UUID
    kind: NotificationKind | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Mailing":
        """Return the mailing of a job."""
        kind = parameters.get("kind")
        return cls(
            UUID(parameters["organization"]),
            UUID(parameters["user"]),
            UUID(parameters["message"]),
            None if kind is None else NotificationKind(kind),
        )

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters of its job."""
        of_kind = {} if self.kind is None else {"kind": self.kind.value}
        return of_kind | {
            "organization": str(self.organization_id),
            "user": str(self.user_id),
            "message": str(self.message_id),
        }


@dataclass(frozen=True)
class Recipient:
    """User who gets a message.

    Attributes:
        sender: their organization.
    """

    principal: Principal
    mailbox: Mailbox
    sender: Sender


async def message_to(
    jobs: JobContext, recipient: Recipient, rows: Sequence[Notification], mailing: Mailing
) -> Message | None:
    """Return the message about notifications; None where all of their records are hidden."""
    principal = recipient.principal
    context = Context(jobs.database, str(mailing.message_id), principal, services=jobs.services)
    try:
        return await _Composition(context, recipient, mailing).message(rows)
    finally:
        await context.end()


@dataclass(frozen=True)
class _Composition:
    """Composition of one message, which reads what the recipient may read.

    Attributes:
        context: of the recipient.
    """

    context: Context
    recipient: Recipient
    mailing: Mailing

    @cached_property
    def texts(self) -> Texts:
        return texts_for(self.recipient.sender.locale)

    @property
    def _app_url(self) -> str:
        return self.context.services[Mailer].app_url

    async def message(self, rows: Sequence[Notification]) -> Message | None:
        order = [*NotificationKind]
        rows = sorted(rows, key=lambda row: (order.index(row.kind), row.created_at, row.id))
        listed = rows[:MOST_ENTRIES]
        entries = await asyncio.gather(*map(self._entry, listed))
        shown = [(row, entry) for row, entry in zip(listed, entries, strict=True) if entry]
        if not shown:
            return None
        unsubscribing, subscription = self.context.services[Unsubscribing], self._subscription()
        left = len(rows) - len(listed)
        content = self._content(shown, left, unsubscribing.address(subscription))
        return Message(
            recipient=self.recipient.mailbox,
            kind="digest" if self.mailing.kind is None else "notification",
            subject=content.subject,
            text=content.text,
            html=content.html,
            headers=unsubscribing.headers(subscription),
            id=self.mailing.message_id,
        )

    def _content(
        self, shown: Sequence[tuple[Notification, Entry]], left: int, unsubscribe: str
    ) -> Content:
        texts, is_single, app_url = self.texts, len(shown) == 1, self._app_url
        return lay_out(
            texts,
            {"name": self.recipient.mailbox.name, "organization": self.recipient.sender.name},
            subject=self._subject(shown, left),
            entries=[entry for _, entry in shown],
            more=texts.text("notifications.more", count=left) if left else None,
            action=texts.text(f"notifications.{'open' if is_single else 'open_all'}"),
            link=shown[0][1].link if is_single else f"{app_url}{NOTIFICATIONS_PAGE}",
            preferences=f"{app_url}{PREFERENCES_PAGE}",
            unsubscribe=unsubscribe,
        )

    def _subject(self, shown: Sequence[tuple[Notification, Entry]], left: int) -> str:
        first, entry = shown[0]
        section = _section(self._kind_now(first))
        if len(shown) == 1:
            due = first.due_on or self._today
            return self.texts.text(f"{section}.subject", record=entry.title, due=due)
        if self.mailing.kind is None:
            section = "notifications"
        return self.texts.text(f"{section}.several", count=len(shown) + left)

    def _subscription(self) -> Subscription:
        kind, ids = self.mailing.kind, (self.mailing.organization_id, self.mailing.user_id)
        name = DIGEST if kind is None else kind.value
        return Subscription(*ids, name, self.recipient.sender.locale)

    async def _entry(self, row: Notification) -> Entry | None:
        """Return what a message says about one notification; None if its record is hidden."""
        title = await self._title(row.subject_type, row.subject_id)
        if title is None:
            return None
        link = f"{RECORD_PAGE}/{ids.encode(row.subject_type, row.subject_id)}"
        sentence = self.texts.text(
            f"{_section(self._kind_now(row))}.sentence",
            actor=await self._actor(row.actor_id),
            due=row.due_on or self._today,
            days=abs(((row.due_on or self._today) - self._today).days),
            work=self.texts.text(f"work.{row.work_kind}") if row.work_kind else "",
            responsible=await self._responsible(row),
        )
        if row.responsible_id is not None and row.kind is not NotificationKind.ESCALATED:
            name = await self._responsible(row)
            sentence = f"{sentence} {self.texts.text('notifications.represented', name=name)}"
        return Entry(title, f"{self._app_url}{link}", sentence)

    async def _title(self, prefix: str, id: UUID) -> str | None:
        """Return name and title of a record; of a comment, those of what it is about."""
        row = await self._load(prefix, id)
        if row is None:
            return None
        title = getattr(row, "title", None) or getattr(row, "name", None)
        if title is None and isinstance(row, About):
            return await self._title(row.subject_type, row.subject_id)
        names = (await name_of(self.context, (prefix, id)), title)
        return " ".join(dict.fromkeys(filter(None, names))) or ids.encode(prefix, id)

    async def _actor(self, id: UUID | None) -> str:
        user = None if id is None else await self._load(_USER, id)
        return self.texts.text("notifications.system") if user is None else str(user.name)

    async def _responsible(self, row: Notification) -> str:
        id = row.responsible_id
        user = None if id is None else await self._load(_USER, id)
        return self.texts.text("notifications.another_user") if user is None else str(user.name)

    async def _load(self, prefix: str, id: UUID) -> Any:
        loader = NODES[prefix]
        is_allowed = self.recipient.principal.may(loader.read)
        return await self.context.load(loader, id) if is_allowed else None

    @cached_property
    def _today(self) -> date:
        return clock.today(self.recipient.sender.zone)

    def _kind_now(self, row: Notification) -> NotificationKind:
        """Return the kind; of a due date, as it is today: the message may be sent days later."""
        if row.due_on is None or row.kind is NotificationKind.ESCALATED:
            return row.kind
        if row.due_on == self._today:
            return NotificationKind.DUE
        is_past = row.due_on < self._today
        return NotificationKind.OVERDUE if is_past else NotificationKind.DUE_SOON


def _section(kind: NotificationKind) -> str:
    return f"notification_{kind.value.lower()}"
