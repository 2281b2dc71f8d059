"""Detection of media types from a closed set (`media_types`), by the bytes of a file.

The set has no type that a browser executes. The extension of a file's name chooses where the bytes
permit several types: between kinds of text, and between the brands of a video.
"""

import re
from functools import partial
from typing import BinaryIO

from qgp.files.iso_media import is_iso_media, types_by_brand
from qgp.files.media_types import (
    ACCEPTED,
    BY_EXTENSION,
    PDF,
    PLAIN,
    XML,
    extension,
    refusal,
    refused_kind,
)
from qgp.files.office import office_type
from qgp.files.text_content import is_active, is_text_name, text_type
from qgp.files.xml_content import check_xml

HEAD = 4096  # bytes that `candidate_type` reads
_PORTION = 64 * 1024
_ZIP = "application/zip"
_MAGIC = tuple(
    (re.compile(media.magic, re.DOTALL), media.name) for media in ACCEPTED if media.magic
)
_BEFORE_PDF = 1024  # bytes that readers skip before the header of a PDF
_PDF_HEADER = re.compile(rb"%PDF-[0-9]")


def candidate_type(head: bytes, name: str) -> str:
    """Return the candidate media type by the first bytes and the name.

    Raises:
        UnsupportedMediaType: the file cannot be of an accepted type.
    """
    for magic, content_type in _MAGIC:
        if magic.match(head):
            return content_type
    if head.startswith(b"PK\x03\x04"):
        return _ZIP
    if is_iso_media(head):
        return _media(head, name)
    if _is_pdf_after_junk(head, name):
        return PDF.name
    text_type([head], name, is_whole=False)
    return PLAIN.name


def detected_type(candidate: str, file: BinaryIO, name: str) -> str:
    """Return the media type of the whole file by its candidate.

    Raises:
        UnsupportedMediaType: it is not accepted.
        OSError: the disk cannot be read.
    """
    if candidate == _ZIP:
        return office_type(file)
    if candidate != PLAIN.name:
        return candidate
    file.seek(0)
    media = text_type(iter(partial(file.read, _PORTION), b""), name, is_whole=True)
    if media is XML:
        check_xml(file)
    return media.name


def _media(head: bytes, name: str) -> str:
    types = types_by_brand(head)
    if not types:
        raise refusal(head)
    by_name = BY_EXTENSION.get(extension(name))
    return by_name.name if by_name is not None and by_name in types else types[0].name


def _is_pdf_after_junk(head: bytes, name: str) -> bool:
    """Whether a PDF begins after bytes that are neither active content nor of a refused type."""
    header = _PDF_HEADER.search(head, 0, _BEFORE_PDF + len(b"%PDF-1"))
    if header is None or is_text_name(name) or is_active(head):
        return False
    return refused_kind(head) is None
