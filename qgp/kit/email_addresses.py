"""E-mail addresses: their displayed form, and the key by which they are looked up (R-50).

The local part is stored as typed and compared without regard to case; the domain is normalized to
A-labels in lower case (IDNA 2008, RFC 5891). `ß` differs from `ss` in both parts.
"""

import unicodedata
from dataclasses import dataclass

import idna

from qgp.kit.errors import InvalidFormat, TooLong, max_length, written_as
from qgp.kit.text_normalization import composed

LONGEST = 254  # characters (RFC 5321, 4.5.3.1.3)
_WIDTHS = {"<wide>", "<narrow>"}
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")


@dataclass(frozen=True)
class EmailAddress:
    """Well-formed e-mail address.

    Attributes:
        local: part before the `@`, as typed, in NFC.
        domain: A-labels in lower case.
    """

    local: str
    domain: str

    def __str__(self) -> str:
        """Return the form that is displayed and that mail is sent to."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """The key by which the address is looked up."""
        return f"{_without_case(self.local)}@{self.domain}"


def parse(text: str, *path: str) -> EmailAddress:
    """Parse an address in any spelling.

    Args:
        text: the address; blanks around it are ignored.
        path: locates the input.

    Raises:
        InvalidFormat: it is no address, or its domain is no domain name.
        TooLong: it has more than 254 characters.
    """
    local, at, domain = composed(text.strip(), LONGEST, *path).rpartition("@")
    is_whole = local and at and all(domain.split(".")) and "@" not in local
    if not is_whole or not _is_visible(local + domain):
        message = "Expected an e-mail address, such as eva@example.com."
        raise InvalidFormat(message, *path, constraint=written_as("email"))
    try:
        address = EmailAddress(local, _domain(domain))
    except idna.IDNAError:
        message = f"`{domain}` is no domain name (IDNA 2008). Correct the part after the @."
        raise InvalidFormat(message, *path, constraint=written_as("email")) from None
    if len(str(address)) > LONGEST:
        message = f"The e-mail address has more than {LONGEST} characters. Use a shorter one."
        raise TooLong(message, *path, constraint=max_length(LONGEST))
    return address


def search_key(text: str) -> str:
    """Return the key of an address in any spelling, or of a part of one."""
    local, at, domain = text.strip().rpartition("@")
    try:
        return _without_case(local) + at + _domain(domain)
    except idna.IDNAError:
        return _without_case(text)


def _without_case(text: str) -> str:
    """Return a local part in lower case, with one small sigma."""
    return _lower(text).replace("ς", "σ")


def _lower(text: str) -> str:
    """Return each character in lower case, regardless of context, in NFC."""
    return unicodedata.normalize("NFC", "".join(letter.lower() for letter in text))


def _domain(text: str) -> str:
    """Return the normalized form of a domain; characters are mapped by RFC 5895, 2.

    Raises:
        idna.IDNAError: the text is no domain name.
    """
    if text.isascii():
        return text.lower()
    mapped = _lower("".join(map(_one_width, text))).translate(_DOTS)
    return idna.encode(mapped, strict=True).decode()


def _one_width(letter: str) -> str:
    """Return the ordinary form of a full-width or half-width character."""
    width, *code_points = unicodedata.decomposition(letter).split()[:2] or [""]
    return chr(int(code_points[0], 16)) if width in _WIDTHS else letter


def _is_visible(text: str) -> bool:
    """Whether a text has no blanks, control, format or unassigned characters."""
    return not any(unicodedata.category(letter)[0] in "CZ" for letter in text)
