"""Delivery of invitations: by mail where it is configured, else as a token to pass on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.commands import account_mails
from qgp.accounts.commands.invitations import HOLDS, issue
from qgp.authentication.keyring import Keyring
from qgp.authentication.services import Services, services_of
from qgp.kit import clock, ids
from qgp.kit.background_jobs import Job, JobContext, TransactionalQueue
from qgp.kit.context import Context
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.mail.mailer import MAILS_AT_ONCE, Mailer
from qgp.mail.message import Mailbox, Message
from qgp.organizations.facts import sender_unfiltered
from qgp.texts.pages import INVITATION_PAGE
from qgp.users import service
from qgp.users.facts import user_unfiltered

if TYPE_CHECKING:
    from qgp.users.model import User

TOKEN_DESCRIPTION = service.INVITATION_DESCRIPTION


def token(context: Context, user: "User") -> str | None:
    """Return the token to pass on to an invited user; None for any other user.

    None also where the invitation goes by mail: nobody but the invited person can then accept it.
    """
    mailer = context.services.get(Mailer)
    if not user.is_invited or (mailer is not None and mailer.delivers):
        return None
    return issue(services_of(context).signer.keyring, user)


async def deliver(work: Work, user: "User") -> None:
    """Have an invited user sent the invitation once it is committed, if mail is set up."""
    mailer = work.services.get(Mailer)
    if mailer is None or mailer.transport is None:
        return
    parameters = {
        "organization": str(work.caller.organization_id),
        "user": str(user.id),
        "message": str(ids.uuid7()),
    }
    queue = work.services[TransactionalQueue]
    await queue.enqueue(work.session, SEND_INVITATION, parameters)


async def _send(context: JobContext, parameters: Mapping[str, Any]) -> None:
    """Send an invitation, unless it was accepted or withdrawn meanwhile."""
    scope = Scope(UUID(parameters["organization"]), action="userInvite")
    mailer, keyring = context.services[Mailer], context.services[Services].signer.keyring
    async with context.database.read(scope) as session:
        user = await user_unfiltered(session, UUID(parameters["user"]))
        if user is None or not user.is_invited:
            return
        id = UUID(parameters["message"])
        message = await message_to(session, mailer, keyring, user, id=id)
    await mailer.deliver(message, attempt=context.attempt)


async def message_to(
    session: AsyncSession, mailer: Mailer, keyring: Keyring, user: "User", *, id: UUID
) -> Message:
    """Return the message that invites an INVITED user, with another token."""
    sender = await sender_unfiltered(session, user.organization_id)
    return account_mails.message(
        account_mails.INVITATION,
        mailer.link(INVITATION_PAGE, issue(keyring, user)),
        sender=sender,
        recipient=Mailbox(user.name, user.email_typed or user.email),
        until=clock.now() + HOLDS,
        id=id,
    )


SEND_INVITATION = Job("mail.invitation", _send, at_once=MAILS_AT_ONCE)
