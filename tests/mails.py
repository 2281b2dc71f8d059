"""Messages that an application of the tests has kept, as its recipients read them."""

import json
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from qgp import schema
from qgp.app import Application
from qgp.kit.background_jobs import JobContext
from qgp.kit.session import Scope
from qgp.mail.development_mail import DevelopmentMail, KeptMessage
from qgp.mail.mailer import Mailer


async def send_mails(application: Application, **parameters: Any) -> None:
    """Execute the waiting jobs that send mails and have some parameters, as the worker does."""
    waiting = sa.table("pgqueuer", *map(sa.column, ("id", "entrypoint", "payload")))
    taken = sa.delete(waiting).where(waiting.c.entrypoint.like("mail.%"))
    async with application.database.write(Scope()) as session:
        matches = sa.text("convert_from(payload, 'UTF8')::jsonb @> cast(:some AS jsonb)")
        taken = taken.where(matches.bindparams(some=json.dumps(parameters)))
        rows = (await session.execute(taken.returning(*waiting.c))).all()
    context = JobContext(application.database, application.services.by_type)
    for _, name, payload in sorted(rows):
        await schema.background_work().jobs[name].run(context, json.loads(payload))


async def mails_to(application: Application, address: str) -> list[KeptMessage]:
    """Return the messages to an address, the newest first, once all of them are sent."""
    await send_mails(application)
    transport = application.services.by_type[Mailer].transport
    assert isinstance(transport, DevelopmentMail)
    kept = await transport.messages()
    return [one for one in kept if one.message["to"].addresses[0].addr_spec == address]


def plain(message: EmailMessage) -> str:
    """Return the plain text of a message."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def link_in(text: str) -> str:
    """Return the address that a message asks to open."""
    (link,) = (line for line in text.splitlines() if line.startswith("http") and "#" in line)
    return link


def token_in(text: str) -> str:
    """Return the token of that address."""
    (token,) = parse_qs(urlsplit(link_in(text)).fragment)["token"]
    return token
