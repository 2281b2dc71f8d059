"""Media types of files: one entry for each that is accepted, and for each kind that is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
_BROWSER_TEXT = "text/plain"


class UnsupportedMediaType(Exception):
    """The file has a media type that is not accepted.

    Attributes:
        reason: sentences to a person: the problem, the rule, the remedy.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class MediaType:
    """Media type that is accepted.

    Attributes:
        name: as registered (RFC 6838).
        extensions: of names of files, the usual one first.
        magic: pattern of the first bytes; None where brands, text or parts of an archive decide.
        brands: of an ISO base media file (ISO/IEC 14496-12, 4.3).
        is_text: whether the content is text, and the name alone distinguishes it from other text.
        text_start: pattern of the first characters of a text; None for any.
        encoding: of a text; Latin-1, which decodes all bytes, where the text declares encodings.
        is_inline: whether a browser may show the file in place, on request.
        served_as: media type of downloads, where a browser could execute `name`.
    """

    name: str
    extensions: Sequence[str]
    magic: bytes | None = None
    brands: frozenset[bytes] = frozenset()
    is_text: bool = False
    text_start: str | None = None
    encoding: str = "utf-8"
    is_inline: bool = False
    served_as: str | None = None

    @property
    def family(self) -> str:
        """The media types whose extensions a name keeps, since the same programs open them."""
        if self.is_text:
            return "text"
        return "video" if self.name.startswith("video/") else self.name


@dataclass(frozen=True)
class RefusedKind:
    """Kind of file that is not accepted, by its name or its first bytes.

    Attributes:
        reason: the problem and the remedy, in sentences.
    """

    extensions: Sequence[str]
    reason: str
    magic: Sequence[bytes] = ()


def _image(subtype: str, *extensions: str, magic: bytes) -> MediaType:
    return MediaType(f"image/{subtype}", extensions, magic, is_inline=True)


def _text(
    name: str, *extensions: str, start: str | None = None, served_as: str | None = None
) -> MediaType:
    return MediaType(name, extensions, is_text=True, text_start=start, served_as=served_as)


_MP4 = {b"isom", b"isoa", b"isob", b"mp41", b"mp42", b"mp71", b"avc1", b"M4V ", b"M4VH", b"M4VP"}
_MP4 |= {b"MSNV", b"dash", b"F4V ", b"f4v ", *(b"iso%d" % number for number in range(2, 10))}
_3GP = {f"3g{letter}{digit}".encode() for letter in "pgrsehmt" for digit in range(1, 10)}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}

PLAIN = _text(
    "text/plain", ".txt", ".text", ".log", ".ini", ".cfg", ".conf", ".toml", ".properties", ".rst",
    ".adoc", ".tex", ".srt", ".asc", ".dat", ".prn", ".diff", ".patch", ".jsonl", ".ndjson", ".nc",
    ".gcode", ".stp", ".step", ".igs", ".iges", ".dxf",
)  # fmt: skip
PDF = MediaType(
    "application/pdf", (".pdf",), rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]{0,1021}%PDF-", is_inline=True
)
QUICKTIME = MediaType("video/quicktime", (".mov", ".qt"), brands=frozenset({b"qt  "}))
XML = _text(
    "application/xml", ".xml", ".xsd", ".bpmn", ".drawio", ".reqif", ".gpx", ".kml",
    start="<", served_as=_BROWSER_TEXT,
)  # fmt: skip
ACCEPTED = (
    PDF,
    _image("png", ".png", magic=rb"\x89PNG\r\n\x1a\n"),
    _image("jpeg", ".jpg", ".jpeg", ".jpe", ".jfif", magic=rb"\xff\xd8\xff"),
    _image("webp", ".webp", magic=rb"RIFF.{4}WEBP"),
    _image("gif", ".gif", magic=rb"GIF8[79]a"),
    MediaType("image/heic", (".heic", ".heif", ".hif"), brands=frozenset(_HEIC), is_inline=True),
    MediaType("video/mp4", (".mp4", ".m4v"), brands=frozenset(_MP4)),
    QUICKTIME,
    MediaType("video/3gpp", (".3gp", ".3gpp"), brands=frozenset(_3GP)),
    MediaType("video/3gpp2", (".3g2",), brands=frozenset({b"3g2a", b"3g2b", b"3g2c"})),
    PLAIN,
    _text("text/csv", ".csv"),
    _text("text/tab-separated-values", ".tsv", ".tab"),
    _text("text/markdown", ".md", ".markdown"),
    _text("text/calendar", ".ics", ".ifb", start="(?i)BEGIN:VCALENDAR"),
    _text("text/vcard", ".vcf", start="(?i)BEGIN:VCARD"),
    _text("application/json", ".json", start=r'[{\["\-0-9tfn]'),
    _text("application/geo+json", ".geojson", start=r"\{"),
    _text("application/yaml", ".yaml", ".yml"),
    XML,
    MediaType(
        "message/rfc822",
        (".eml",),
        is_text=True,
        text_start=r"[!-9;-~]+:|From ",
        encoding="latin-1",
        served_as="application/octet-stream",
    ),
    MediaType(f"{OOXML}wordprocessingml.document", (".docx",)),
    MediaType(f"{OOXML}spreadsheetml.sheet", (".xlsx",)),
    MediaType(f"{OOXML}presentationml.presentation", (".pptx",)),
    MediaType(f"{ODF}text", (".odt",)),
    MediaType(f"{ODF}spreadsheet", (".ods",)),
    MediaType(f"{ODF}presentation", (".odp",)),
    MediaType(f"{ODF}graphics", (".odg",)),
)
BY_NAME: Mapping[str, MediaType] = {media.name: media for media in ACCEPTED}
BY_EXTENSION: Mapping[str, MediaType] = {
    extension: media for media in ACCEPTED for extension in media.extensions
}
ACCEPTED_EXTENSIONS = ", ".join(media.extensions[0] for media in ACCEPTED)

REFUSED = (
    RefusedKind(
        (".html", ".htm", ".xhtml", ".xht", ".shtml", ".svg", ".svgz", ".mht", ".mhtml"),
        "It is a web page or a drawing, which browsers execute. Save it as PDF or PNG.",
    ),
    RefusedKind(
        (".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".xlam", ".pptm", ".potm", ".ppsm"),
        "It is an Office document with macros. Save it as .docx, .xlsx or .pptx.",
    ),
    RefusedKind(
        (".doc", ".dot", ".xls", ".xlt", ".ppt", ".pps", ".pot", ".msg", ".mpp", ".vsd"),
        "It is a file of an older Office or of Outlook, or has a password. Save it as "
        ".docx, .xlsx, .pptx or .pdf without a password, a message as .eml.",
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    ),
    RefusedKind(
        (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".jar", ".apk"),
        "It is an archive, whose content is not checked. Upload its files one by one.",
        (b"PK", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"),
    ),
    RefusedKind(
        (".tif", ".tiff", ".bmp", ".avif", ".psd", ".ico"),
        "It is an image of another format. Save it as PNG or JPEG.",
        (b"II*\x00", b"MM\x00*", b"BM", b"8BPS"),
    ),
    RefusedKind(
        (".avi", ".wmv", ".mkv", ".webm", ".flv", ".mpg", ".mpeg", ".mts", ".m2ts"),
        "It is a video of another format. Save it as MP4.",
        (b"\x1aE\xdf\xa3", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"\x00\x00\x01\xba", b"FLV\x01"),
    ),
    RefusedKind(
        (".mp3", ".wav", ".m4a", ".aac", ".ogg", ".wma", ".flac"),
        "It is a sound recording. Record what was said as text, or save it as a video in MP4.",
        (b"ID3", b"OggS", b"fLaC"),
    ),
    RefusedKind(
        (".exe", ".dll", ".msi", ".com", ".scr", ".lnk"),
        "It is a program. Attach a document that describes it.",
        (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"),
    ),
)
_REFUSED_BY_EXTENSION = {extension: kind for kind in REFUSED for extension in kind.extensions}
_OTHER_ENCODING = re.compile(
    r"(?i)\.(utf[-_]?(?:16|32)(?:[-_]?[lb]e)?|(?:cp|windows)[-_]?125\d|iso[-_]?8859[-_]?\d+"
    r"|latin[-_]?\d+)\Z"
)


def extension(name: str) -> str:
    """Return the extension of a file's name in lower case, with its dot; empty if none."""
    _, dot, last = name.rstrip(". ").rpartition(".")
    return dot + last.lower()


def safe_name(name: str, content_type: str) -> str:
    """Return the name with an extension of the media type, so that no program misinterprets it.

    A name keeps the extension of another text in a text, and of another video in a video.
    """
    if (media := BY_NAME.get(content_type)) is None:
        return name + ".bin"
    by_name = BY_EXTENSION.get(extension(name))
    if by_name is not None and by_name.family == media.family:
        return name
    return name + media.extensions[0]


def check_name(name: str) -> None:
    """Refuse a file whose name tells already that its content is not accepted.

    Raises:
        UnsupportedMediaType: by its extension, or as a text in another encoding (`a.cp1252.csv`).
    """
    last = extension(name)
    if (kind := _REFUSED_BY_EXTENSION.get(last)) is not None:
        raise UnsupportedMediaType(
            f"A file with the extension {last} is not accepted. {kind.reason}"
        )
    media = BY_EXTENSION.get(last)
    stem = name.rstrip(". ")[: -len(last)]
    if media is not None and media.is_text and (encoding := _OTHER_ENCODING.search(stem)):
        raise other_encoding(encoding[1])


def refused_kind(head: bytes) -> RefusedKind | None:
    """Return the kind that is refused by the first bytes of a file; None if they are of none."""
    return next((kind for kind in REFUSED if head.startswith(tuple(kind.magic))), None)


def refusal(head: bytes) -> UnsupportedMediaType:
    """Return the error of a file by its first bytes."""
    if (kind := refused_kind(head)) is not None:
        return UnsupportedMediaType(f"The file is not accepted. {kind.reason}")
    return UnsupportedMediaType(
        "The type of the file, detected from its bytes, is not accepted. Send a file of one of "
        f"the types {ACCEPTED_EXTENSIONS}."
    )


def other_encoding(encoding: str) -> UnsupportedMediaType:
    """Return the error of a text that is not in UTF-8."""
    return UnsupportedMediaType(
        f"The text is in {encoding}, and text is accepted in UTF-8 only. Save it in UTF-8 and "
        "upload it with `fileUploadCreate`."
    )
