"""Messages about accounts: invitations, and links to set a new password."""

from datetime import datetime
from uuid import UUID

from qgp.mail.message import Mailbox, Message
from qgp.mail.rendering import render
from qgp.organizations.facts import Sender
from qgp.texts.catalogue import texts_for

INVITATION, PASSWORD_RESET = "invitation", "password_reset"


def message(
    kind: str,
    link: str,
    *,
    sender: Sender,
    recipient: Mailbox,
    until: datetime,
    id: UUID,
) -> Message:
    """Return a message with a link, in the language of the organization.

    Args:
        kind: section of the catalogue.
        link: address of a page of the frontend.
        sender: the organization.
        recipient: its user.
        until: end of the link's validity, from which the message is not sent.
        id: of the message, the same for each attempt to send it.
    """
    texts = texts_for(sender.locale)
    values = {
        "name": recipient.name,
        "address": recipient.address,
        "organization": sender.name,
        "until": texts.instant(until, sender.zone),
    }
    content = render(texts, kind, values, link=link)
    return Message(
        recipient=recipient,
        kind=kind,
        subject=content.subject,
        text=content.text,
        html=content.html,
        expires_at=until,
        id=id,
    )
