"""Messages that an application of the tests has kept, as its recipients read them."""

from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

from qgp.app import Application
from qgp.mail.development_mail import DevelopmentMail, KeptMessage
from qgp.mail.mailer import Mailer


async def mails_to(application: Application, address: str) -> list[KeptMessage]:
    """Return the messages to an address, the newest first, once all of them are sent."""
    await application.background.wait()
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
