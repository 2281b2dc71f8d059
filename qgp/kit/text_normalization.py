"""Texts from outside in their one spelling, composed (NFC) at a bounded cost."""

import unicodedata

from qgp.kit.errors import InvalidFormat, TooLong, max_length

LINE, PROSE = 200, 10_000  # characters of a line, of a text of several lines
LONGEST = 1_000  # characters of a text to look for
LONGEST_RUN = 30  # marks on one letter (UAX #15, stream-safe text); no language needs as many
WIDEST = 4  # code points that one composed character may arrive in
# Tibetan vowels that are no marks by themselves, and come apart into nothing else.
_MARKS_IN_DISGUISE = "\u0f73\u0f75\u0f81"


def composed(text: str, most: int, *path: str) -> str:
    """Return the text in NFC, its lines ended by newlines.

    Composing takes time with the square of a run of marks.

    Args:
        text: as it came.
        most: characters that whoever asks accepts; it compares them with the result.
        path: locates the input.

    Raises:
        Invalid: the text is longer than `most` in any spelling, or piles up marks.
    """
    if len(text) > WIDEST * most:
        message = f"Keep it to {most} characters; this has {len(text)}."
        raise TooLong(message, *path, constraint=max_length(most))
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text.isascii():
        return text
    if _piles_up(text):
        message = f"Remove marks: more than {LONGEST_RUN} of them stand on one letter."
        raise InvalidFormat(message, *path)
    return unicodedata.normalize("NFC", text)


def _piles_up(text: str) -> bool:
    run = 0
    for letter in text:
        is_mark = unicodedata.combining(letter) or letter in _MARKS_IN_DISGUISE
        run = run + 1 if is_mark else 0
        if run > LONGEST_RUN:
            return True
    return False
