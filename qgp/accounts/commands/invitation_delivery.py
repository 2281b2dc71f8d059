"""Delivery of invitations: by mail where it is configured, else as a token to pass on."""

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.commands import account_mails
from qgp.accounts.commands.invitations import HOLDS, issue
from qgp.authentication.keyring import Keyring
from qgp.authentication.services import services_of
from qgp.kit import clock
from qgp.kit.background import BackgroundTasks
from qgp.kit.context import Context
from qgp.kit.session import Database
from qgp.kit.work import Work
from qgp.mail.mailer import Mailer
from qgp.mail.message import Mailbox, Message
from qgp.organizations.facts import sender_unfiltered

if TYPE_CHECKING:
    from qgp.users.model import User


def offer(context: Context, user: "User") -> str | None:
    """Return the token to pass on to an invited user; None for any other user.

    None also where the invitation goes by mail: nobody but the invited person can then accept it.
    """
    mailer = context.services.get(Mailer)
    if not user.is_invited or (mailer is not None and mailer.delivers):
        return None
    return issue(services_of(context).signer.keyring, user)


async def deliver(work: Work, user: "User") -> None:
    """Send an invited user the invitation once the transaction is committed, if mail is set up."""
    mailer = work.services.get(Mailer)
    if mailer is None or mailer.transport is None:
        return
    message = await message_to(work.session, mailer, services_of(work).signer.keyring, user)
    background = work.services[BackgroundTasks]

    async def send(_: Database) -> None:
        background.start(mailer.deliver(message))

    work.after_commit(send)


async def message_to(
    session: AsyncSession, mailer: Mailer, keyring: Keyring, user: "User"
) -> Message:
    """Return the message that invites an INVITED user, with another token."""
    sender = await sender_unfiltered(session, user.organization_id)
    return account_mails.message(
        account_mails.INVITATION,
        mailer.link(account_mails.INVITATION_PAGE, issue(keyring, user)),
        sender=sender,
        recipient=Mailbox(user.name, user.email_typed or user.email),
        until=clock.now() + HOLDS,
    )
