"""Detection of media types from a closed set, by the bytes of a file.

The set has no type that a browser executes. CSV, Markdown and plain text are distinguished by the
file name's extension, since their bytes are alike.
"""

import codecs
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import BinaryIO
from xml.etree import ElementTree as ET

HEAD = 4096  # bytes that `begins` reads
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_ZIP, _TEXT = "application/zip", "text/plain"

# File name extensions of each media type, the usual one first.
EXTENSIONS: Mapping[str, Sequence[str]] = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"),
    "video/mp4": (".mp4", ".m4v"),
    "text/plain": (".txt", ".log"),
    "text/csv": (".csv",),
    "text/markdown": (".md", ".markdown"),
    f"{_OOXML}wordprocessingml.document": (".docx",),
    f"{_OOXML}spreadsheetml.sheet": (".xlsx",),
    f"{_OOXML}presentationml.presentation": (".pptx",),
    f"{_ODF}text": (".odt",),
    f"{_ODF}spreadsheet": (".ods",),
    f"{_ODF}presentation": (".odp",),
    f"{_ODF}graphics": (".odg",),
}
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]{0,1000}%PDF-")  # readers skip this much
_FIRST = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", _ZIP),
)
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_MP4 = {b"isom", *(b"iso%d" % number for number in range(2, 10)), b"mp41", b"mp42"}
_MP4 |= {b"avc1", b"M4V ", b"MSNV", b"dash"}
_NO_VIDEO = {b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"M4B ", b"M4P "}
_BLANK = re.compile(r"[\s\ufeff]*")
_RUN = re.compile(r"<(?:[A-Za-z!?/]|\Z)|#!")  # a script, or markup to browsers
_MACROS = re.compile(r"(?i)vbaproject|vbadata|macrosheet")  # in names and relationships of parts
_SCRIPTS = ("basic/", "scripts/", "dialogs/")  # folders of an OpenDocument file
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_END_RECORD = 22  # bytes of a zip archive's end record, at least
_DIRECTORY = 1024 * 1024  # maximum bytes of an archive's directory: some 10,000 names
_PART = 256 * 1024  # maximum bytes of one part that is read
_RELATIONS = 4 * 1024 * 1024  # maximum bytes of all relationships together


def candidate_type(head: bytes) -> str | None:
    """Return the candidate media type by the first bytes; None if it cannot be an accepted one."""
    if _PDF.match(head):
        return "application/pdf"
    for magic, kind in _FIRST:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _media(head)
    text = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return _TEXT if _is_plain(text.decode(head), is_start=True) else None
    except UnicodeDecodeError:
        return None


def detected_type(candidate: str, file: BinaryIO, name: str) -> str | None:
    """Return the media type of the whole file by its candidate; None if it is not accepted.

    Raises:
        OSError: the disk cannot be read.
    """
    if candidate == _ZIP:
        return _office(file)
    if candidate != _TEXT:
        return candidate
    if not _is_text(file):
        return None
    extension = PurePath(name).suffix.lower()
    texts = ("text/csv", "text/markdown")
    return next((kind for kind in texts if extension in EXTENSIONS[kind]), _TEXT)


def safe_name(name: str, content_type: str) -> str:
    """Return the name with an extension of the media type, so that no program misinterprets it."""
    extensions = EXTENSIONS.get(content_type, (".bin",))
    return name if PurePath(name).suffix.lower() in extensions else name + extensions[0]


def _media(head: bytes) -> str | None:
    """Read the brands of an ISO base media file (ISO/IEC 14496-12, 4.3)."""
    end = min(int.from_bytes(head[:4]), len(head))
    others = {head[place : place + 4] for place in range(16, end, 4)}
    brand = head[8:12]
    if brand in _HEIC or (brand in {b"mif1", b"msf1"} and others & _HEIC):
        return "image/heic"
    is_video = brand in _MP4 or (brand not in _NO_VIDEO and others & _MP4)
    return "video/mp4" if is_video else None


def _is_plain(text: str, *, is_start: bool) -> bool:
    """Whether a text has no control characters and starts with neither script nor markup."""
    if is_start and _RUN.match(text, _BLANK.match(text).end()):  # type: ignore[union-attr]
        return False
    return _CONTROL.search(text) is None


def _is_text(file: BinaryIO) -> bool:
    file.seek(0)
    decoder, is_start = codecs.getincrementaldecoder("utf-8-sig")(), True
    while portion := file.read(64 * 1024):
        try:
            text = decoder.decode(portion)
        except UnicodeDecodeError:
            return False
        if not _is_plain(text, is_start=is_start):
            return False
        # Leading blanks say nothing yet.
        is_start = is_start and _BLANK.fullmatch(text) is not None
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _office(file: BinaryIO) -> str | None:
    """Return the media type of an office document by its content types; None for others."""
    if not _has_small_directory(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            return None if _holds_macros(archive) else _document(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        return None
    except (struct.error, zlib.error, KeyError):
        return None


def _document(archive: zipfile.ZipFile) -> str | None:
    names = set(archive.namelist())
    if "mimetype" in names:
        kind = _read(archive, "mimetype").decode("ascii")
        return kind if kind.startswith(_ODF) and kind in EXTENSIONS else None
    if "[Content_Types].xml" in names:
        return _declared(_read(archive, "[Content_Types].xml"))
    return None


def _holds_macros(archive: zipfile.ZipFile) -> bool:
    """Whether a part is a macro or script, declared as one or not.

    Raises:
        ValueError: the relationships exceed their maximum size.
    """
    length = 0
    for name in archive.namelist():
        path = name.replace("\\", "/").lower().lstrip("./")
        if _MACROS.search(path) or path.startswith(_SCRIPTS):
            return True
        if path.endswith(".rels"):
            relations = _read(archive, name)
            length += len(relations)
            if length > _RELATIONS:
                raise ValueError("too long")
            if _MACROS.search(relations.decode("latin-1")):
                return True
    return False


def _has_small_directory(file: BinaryIO) -> bool:
    """Whether the size of the archive's directory is within its maximum (APPNOTE 4.3.16)."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _END_RECORD - 0xFFFF))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    is_zip64 = b"PK\x06\x07" in tail[max(0, end - 20) : end]
    if end < 0 or len(tail) - end < _END_RECORD or is_zip64:
        return False
    return int.from_bytes(tail[end + 12 : end + 16], "little") <= _DIRECTORY


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        data = part.read(_PART + 1)
    if len(data) > _PART:
        raise ValueError("too long")
    return data


def _declared(text: bytes) -> str | None:
    """Return the media type of an Open Packaging part list (ECMA-376, part 2) without macros."""
    if b"<!" in text or b"&" in text:
        return None  # never needed there, and both can hide content
    try:
        tree = ET.fromstring(text)  # noqa: S314 - short, without entities
    except ET.ParseError:
        return None
    declared = {part.get("ContentType", "") for part in tree.iter()}
    if any("macro" in kind.lower() or "vba" in kind.lower() for kind in declared):
        return None
    mains = {kind.removesuffix(".main+xml") for kind in declared if kind.endswith(".main+xml")}
    accepted = [kind for kind in mains if kind in EXTENSIONS]
    return accepted[0] if len(accepted) == 1 else None
