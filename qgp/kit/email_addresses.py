"""E-mail addresses: the form that is shown, and the one by which they are looked up (R-50).

The local part is kept as typed and compared without regard to case; the domain has one form, its
A-labels in lower case (IDNA 2008, RFC 5891). `ß` is not `ss`, in neither part.
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
    """One well-formed address.

    Attributes:
        local: what stands before the `@`, as typed, in NFC.
        domain: A-labels in lower case.
    """

    local: str
    domain: str

    def __str__(self) -> str:
        """Return the form that is shown, and that mail is sent to."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """The form by which the address is looked up."""
        return f"{_without_case(self.local)}@{self.domain}"


def parse(text: str, *path: str) -> EmailAddress:
    """Read an address in any spelling.

    Args:
        text: the address; blanks around it are ignored.
        path: locates the input.

    Raises:
        Invalid: it is no address, or no domain name has such a domain.
    """
    local, at, domain = composed(text.strip(), LONGEST, *path).rpartition("@")
    is_whole = local and at and all(domain.split(".")) and "@" not in local
    if not is_whole or not _is_visible(local + domain):
        message = "Expected an e-mail address, such as eva@example.com."
        raise InvalidFormat(message, *path, constraint=written_as("email"))
    try:
        address = EmailAddress(local, _domain(domain))
    except idna.IDNAError:
        message = f"No domain is called {domain} (IDNA 2008). Correct what follows the @."
        raise InvalidFormat(message, *path, constraint=written_as("email")) from None
    if len(str(address)) > LONGEST:
        message = f"An e-mail address has at most {LONGEST} characters."
        raise TooLong(message, *path, constraint=max_length(LONGEST))
    return address


def search_key(text: str) -> str:
    """Return what to look for in keys, of an address in any spelling or of a part of one."""
    local, at, domain = text.strip().rpartition("@")
    try:
        return _without_case(local) + at + _domain(domain)
    except idna.IDNAError:
        return _without_case(text)


def _without_case(text: str) -> str:
    """Return a local part in lower case; both small sigmas are one."""
    return _lower(text).replace("ς", "σ")


def _lower(text: str) -> str:
    """Return each character in lower case, whatever stands around it."""
    return unicodedata.normalize("NFC", "".join(letter.lower() for letter in text))


def _domain(text: str) -> str:
    """Return a domain in its one form; characters are mapped as RFC 5895 says, 2.

    Raises:
        idna.IDNAError: no domain is called so.
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
