"""Media types of text: its encoding, its characters, and the type that its name and start tell."""

import codecs
import re
from collections.abc import Iterable

from qgp.files.media_types import (
    BY_EXTENSION,
    PLAIN,
    XML,
    MediaType,
    UnsupportedMediaType,
    extension,
    other_encoding,
    refusal,
    refused_kind,
)

_START = 64  # characters without leading blanks that tell the type
_BLANKS = re.compile(r"\A[\s\ufeff]+")
# Binary data bytes of the WHATWG MIME Sniffing Standard: escape is none (ISO-2022-JP, terminals).
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_CONTROL_BYTES = re.compile(_CONTROL.pattern.encode())
# A script, or the elements by which browsers recognize a page or a drawing (WHATWG MIME Sniffing).
_ACTIVE = re.compile(
    r"(?i)#!|<(?:[!?/]|\Z|(?:html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|img"
    r"|svg|math|video|audio|object|embed|form|input|link|meta|base|frame|frameset)(?:[\s/>]|\Z))"
)
_MARKUP = (
    "The text begins with markup or a script, which browsers or other programs execute, and is not "
    "accepted. Save a page as PDF, and give XML a name that ends with .xml."
)
_CUT_OFF = (
    "The text ends within a character: it is cut off or not in UTF-8. Upload the whole file, saved "
    "in UTF-8."
)
_NO_MESSAGE = (
    "The file does not begin with a header field (RFC 5322), as a message named .eml does. Save "
    "the message anew, or name a text .txt."
)
_WIDE = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def is_text_name(name: str) -> bool:
    """Whether the extension of a name is that of a text."""
    media = BY_EXTENSION.get(extension(name))
    return media is not None and media.is_text


def text_type(portions: Iterable[bytes], name: str, *, is_whole: bool) -> MediaType:
    """Return the media type of a text: by its name, where its content agrees; else plain text.

    Args:
        portions: the text from its start; to its end if `is_whole`.

    Raises:
        UnsupportedMediaType: it is no text in UTF-8, or begins with markup or a script.
    """
    media = BY_EXTENSION[extension(name)] if is_text_name(name) else PLAIN
    decoder = codecs.getincrementaldecoder(media.encoding)()
    head, start, lines = b"", "", 1
    for portion in portions:
        head = head or portion
        try:
            text = decoder.decode(portion)
        except UnicodeDecodeError as error:
            raise _no_text(head, error.object, error.start, lines, name) from None
        if control := _CONTROL.search(text):
            raise _no_text(head, text.encode(), _offset(text, control.start()), lines, name)
        lines += text.count("\n")
        if len(start) < _START:
            start = _BLANKS.sub("", start + text)
    try:
        decoder.decode(b"", final=is_whole)
    except UnicodeDecodeError:
        raise UnsupportedMediaType(_CUT_OFF) from None
    return _agreed(media, start)


def is_active(head: bytes) -> bool:
    """Whether bytes begin, after blanks, with a script or with markup that browsers execute."""
    return _ACTIVE.match(_BLANKS.sub("", head.decode("utf-8", "replace"))) is not None


def _agreed(media: MediaType, start: str) -> MediaType:
    if media is XML and start.startswith("<"):
        return XML
    if _ACTIVE.match(start):
        raise UnsupportedMediaType(_MARKUP)
    is_agreed = media.text_start is None or re.match(media.text_start, start)
    if not is_agreed and media.encoding != PLAIN.encoding:
        raise UnsupportedMediaType(_NO_MESSAGE)
    return media if is_agreed else PLAIN


def _offset(text: str, index: int) -> int:
    return len(text[:index].encode())


def _no_text(head: bytes, data: bytes, offset: int, lines: int, name: str) -> UnsupportedMediaType:
    """Return the error of a file by the first byte that is not of a text.

    Args:
        head: first bytes of the file.
        data: the portion that holds the byte at `offset`.
        lines: number of the line on which the portion begins.
    """
    if (encoding := _wide_encoding(head)) is not None:
        return other_encoding(encoding)
    byte, line = data[offset], lines + data[:offset].count(b"\n")
    is_named = is_text_name(name)
    is_readable = byte >= 0x80 and not _CONTROL_BYTES.search(data)
    if is_readable and (is_named or refused_kind(head) is None):
        return UnsupportedMediaType(
            f"Line {line} has the byte 0x{byte:02X}, which is not UTF-8; text is accepted in UTF-8 "
            "only. Save it in UTF-8 (in place of Windows-1252, ANSI or Latin-1) and upload it with "
            "`fileUploadCreate`."
        )
    if is_named:
        return UnsupportedMediaType(
            f"Line {line} has the byte 0x{byte:02X}, so the file is not the text that its "
            f"extension {extension(name)} names. Save it as text in UTF-8, or correct "
            "the extension."
        )
    return refusal(head)


def _wide_encoding(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 by the byte order mark, or by a NUL in every second byte."""
    for mark, encoding in _WIDE:
        if head.startswith(mark):
            return encoding
    zeros = sorted(head[parity:512:2].count(0) for parity in (0, 1))
    return "UTF-16" if zeros[0] == 0 and zeros[1] > 0.4 * min(len(head), 512) else None
