"""Normalization of input texts (NFC, newlines) at a bounded cost."""

import unicodedata

from qgp.kit.errors import InvalidFormat, TooLong, max_length

LINE, PROSE = 200, 10_000  # characters of a line, of a text of several lines
LONGEST = 1_000  # characters of a text to search for
LONGEST_RUN = 30  # marks on one letter (UAX #15, stream-safe text); no language needs as many
WIDEST = 4  # code points that one composed character may consist of
# Tibetan vowels of combining class 0, which decompose into nothing but marks.
_MARKS_WITHOUT_CLASS = "\u0f73\u0f75\u0f81"


def too_long(length: int, most: int, *path: str) -> TooLong:
    """Return the error about a text of more characters than its field allows."""
    field = next((f"`{name}`" for name in reversed(path) if not name.isdigit()), "This text")
    message = f"{field} has {length:,} characters; at most {most:,} are allowed. Shorten it."
    return TooLong(message, *path, constraint=max_length(most))


def composed(text: str, most: int, *path: str) -> str:
    """Return the text in NFC, its lines ended by newlines.

    The time that composing takes grows with the square of a run of combining marks.

    Args:
        text: as it was sent.
        most: the most characters that the caller accepts, which it compares with the result.
        path: locates the input.

    Raises:
        TooLong: the text is longer than `most` in every normalization form.
        InvalidFormat: it has more than 30 combining marks on one letter.
    """
    if len(text) > WIDEST * most:
        raise too_long(len(text), most, *path)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text.isascii():
        return text
    if _has_long_run_of_marks(text):
        message = f"A letter has more than {LONGEST_RUN} combining marks. Remove some of them."
        raise InvalidFormat(message, *path)
    return unicodedata.normalize("NFC", text)


def _has_long_run_of_marks(text: str) -> bool:
    if len(text.encode(errors="surrogatepass")) - len(text) <= LONGEST_RUN:
        return False  # fewer letters are outside of ASCII
    run = 0
    for letter in text:
        is_mark = unicodedata.combining(letter) or letter in _MARKS_WITHOUT_CLASS
        run = run + 1 if is_mark else 0
        if run > LONGEST_RUN:
            return True
    return False
