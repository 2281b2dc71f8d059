"""Media types of Office Open XML and OpenDocument files, by the parts of the archive."""

import re
import struct
import zipfile
import zlib
from typing import BinaryIO
from xml.etree import ElementTree as ET

from qgp.files.media_types import BY_NAME, ODF, UnsupportedMediaType, refusal

_MACROS = re.compile(r"(?i)vbaproject|vbadata|macrosheet")  # in names and relationships of parts
_SCRIPTS = ("basic/", "scripts/", "dialogs/")  # folders of an OpenDocument file
_END_RECORD = 22  # bytes of a zip archive's end record, at least
_DIRECTORY = 1024 * 1024  # maximum bytes of an archive's directory: some 10,000 names
_PART = 256 * 1024  # maximum bytes of one part that is read
_RELATIONS = 4 * 1024 * 1024  # maximum bytes of all relationships together
_WITH_MACROS = (
    "The document has macros or scripts, which are not accepted. Save it without them, as .docx, "
    ".xlsx, .pptx, .odt, .ods, .odp or .odg."
)
_DAMAGED = (
    "The archive is damaged or has a password, and its content cannot be checked. Open the "
    "document, save it again without a password and upload it."
)


def office_type(file: BinaryIO) -> str:
    """Return the media type of an office document by its content types.

    Raises:
        UnsupportedMediaType: it is another archive, is damaged or has macros.
    """
    if not _has_small_directory(file):
        raise refusal(b"PK")
    try:
        with zipfile.ZipFile(file) as archive:
            if _holds_macros(archive):
                raise UnsupportedMediaType(_WITH_MACROS)
            content_type = _document(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        raise UnsupportedMediaType(_DAMAGED) from None
    except (struct.error, zlib.error, KeyError):
        raise UnsupportedMediaType(_DAMAGED) from None
    if content_type is None:
        raise refusal(b"PK")
    return content_type


def _document(archive: zipfile.ZipFile) -> str | None:
    names = set(archive.namelist())
    if "mimetype" in names:
        kind = _read(archive, "mimetype").decode("ascii")
        return kind if kind.startswith(ODF) and kind in BY_NAME else None
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
    """Return the media type of an Open Packaging part list (ECMA-376, part 2).

    Raises:
        UnsupportedMediaType: a part is a macro.
    """
    if b"<!" in text or b"&" in text:
        return None  # never needed there, and both can hide content
    try:
        tree = ET.fromstring(text)  # noqa: S314 - short, without entities
    except ET.ParseError:
        return None
    declared = {part.get("ContentType", "") for part in tree.iter()}
    if any("macro" in kind.lower() or "vba" in kind.lower() for kind in declared):
        raise UnsupportedMediaType(_WITH_MACROS)
    mains = {kind.removesuffix(".main+xml") for kind in declared if kind.endswith(".main+xml")}
    accepted = [kind for kind in mains if kind in BY_NAME]
    return accepted[0] if len(accepted) == 1 else None
