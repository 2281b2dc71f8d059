"""Messages, and the Internet messages (RFC 5322) that they become."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, getaddresses, parseaddr
from uuid import UUID

from qgp.kit import clock, email_addresses, ids

_LONGEST_LINE = 200  # characters of a subject or a name in a header
_SPECIALS = re.compile(r"[^\w\s'&+/-]+")  # and a few more than those of RFC 5322, 3.2.3


class _ListUnsubscribe(UniqueUnstructuredHeader):
    """Header in one line: folded, a long address would be encoded, which no program decodes."""

    def fold(self, *, policy: Policy) -> str:
        """Return the line."""
        return f"List-Unsubscribe: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type(
    "list-unsubscribe",
    _ListUnsubscribe,  # type: ignore[arg-type]  # the registry adds the base class
)
_POLICY = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True)
class Mailbox:
    """Address of a sender or recipient, with the name shown beside it.

    Attributes:
        name: in any characters; may be empty.
        address: as `email_addresses.EmailAddress` prints it, its domain in A-labels.
    """

    name: str
    address: str

    @classmethod
    def parse(cls, text: str) -> "Mailbox":
        """Parse `Name <address>`, or an address alone.

        Raises:
            Invalid: it is no e-mail address.
        """
        name, address = parseaddr(text)
        return cls(name, str(email_addresses.parse(address)))

    @property
    def domain(self) -> str:
        """The part after the `@`."""
        return self.address.rpartition("@")[2]

    def header(self, *, is_plain: bool = False) -> Address:
        """Return the value of a header; no name can begin another one.

        Args:
            is_plain: whether the name is written without characters that need quotes.
        """
        local, _, domain = self.address.rpartition("@")
        name = _SPECIALS.sub(" ", self.name) if is_plain else self.name
        return Address(one_line(name), local, domain)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message to one person.

    Attributes:
        kind: key of its texts, such as `invitation`; for logs.
        text: plain text.
        html: the same as HTML.
        headers: further headers, such as `List-Unsubscribe`.
        id: the same for each attempt to send it; names it in `Message-ID`.
        expires_at: instant from which it is of no use and not sent; None for never.
    """

    recipient: Mailbox
    kind: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)
    id: UUID = field(default_factory=ids.uuid7)
    created_at: datetime = field(default_factory=clock.now)
    expires_at: datetime | None = None


def composed(message: Message, sender: Mailbox) -> EmailMessage:
    """Return the Internet message, marked as sent by a program (RFC 3834)."""
    is_ascii = (sender.address + message.recipient.address).isascii()
    internet = EmailMessage(policy=_POLICY.clone(utf8=not is_ascii))
    internet["Message-ID"] = f"<{message.id}@{sender.domain}>"
    internet["Date"] = format_datetime(message.created_at)
    _address(internet, "From", sender)
    _address(internet, "To", message.recipient)
    internet["Subject"] = one_line(message.subject)
    internet["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        internet[name] = one_line(value, longest=len(value))
    internet.set_content(message.text, cte="quoted-printable")
    internet.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return internet


def _address(internet: EmailMessage, name: str, mailbox: Mailbox) -> None:
    """Add a header of one address.

    The standard library loses the quotes of a name that it folds: what is in it could then be read
    as further addresses.
    """
    internet[name] = mailbox.header()
    _, _, folded = internet.policy.fold(name, internet[name]).partition(":")
    if [address for _, address in getaddresses(["".join(folded.splitlines())])] != [
        internet[name].addresses[0].addr_spec
    ]:
        internet.replace_header(name, mailbox.header(is_plain=True))


def one_line(text: str, *, longest: int = _LONGEST_LINE) -> str:
    """Return a text as one line of a header: blanks for line breaks, no control characters."""
    line = " ".join(text.split())
    visible = "".join(letter for letter in line if not _is_control(letter))
    return visible if len(visible) <= longest else visible[: longest - 1] + "…"


def _is_control(letter: str) -> bool:
    """Whether a character controls a device, or the direction of a text."""
    is_bidi = "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"
    return unicodedata.category(letter) in {"Cc", "Cs"} or is_bidi
