"""Check of XML: well-formed, and without the parts that browsers execute."""

from collections.abc import Callable, Mapping
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from qgp.files.media_types import UnsupportedMediaType

_PORTION = 64 * 1024
_DEPTH = 256  # maximum depth of elements
_ELEMENTS = 1_000_000  # maximum number of elements: about a second of work
_TOKEN = 1024 * 1024  # maximum bytes of one tag or comment, which is parsed anew with each portion
_ACTIVE_SPACES = {"http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"}
_ACTIVE_ROOTS = {"html", "svg"}
_REMEDY = "Save it without, or as PDF."


def check_xml(file: BinaryIO) -> None:
    """Check a whole XML file.

    Raises:
        UnsupportedMediaType: it is not well-formed, contains HTML or SVG, names a stylesheet,
            declares entities, is deeper than 256 elements or has more than 1,000,000.
    """
    parser, fed = _parser(), 0
    file.seek(0)
    try:
        while portion := file.read(_PORTION):
            parser.Parse(portion, False)
            fed += len(portion)
            if fed - parser.CurrentByteIndex > _TOKEN:
                _refuse(f"a tag or comment of more than {_TOKEN:,} bytes")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnsupportedMediaType(
            f"The XML is not well-formed: {expat.ErrorString(error.code)} in line {error.lineno}. "
            "Correct it and upload it with `fileUploadCreate`."
        ) from None


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = count = 0

    def begin(name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG001 - of expat
        nonlocal depth, count
        space, _, local = name.rpartition(" ")
        if space in _ACTIVE_SPACES or (depth == 0 and local.lower() in _ACTIVE_ROOTS):
            _refuse("elements of HTML or SVG")
        depth, count = depth + 1, count + 1
        if depth > _DEPTH or count > _ELEMENTS:
            _refuse(f"elements deeper than {_DEPTH} or more than {_ELEMENTS:,}")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def instruct(target: str, _: str) -> None:
        if target.lower() == "xml-stylesheet":
            _refuse("the processing instruction `xml-stylesheet`")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.ProcessingInstructionHandler = instruct
    parser.EntityDeclHandler = _refusing("declarations of entities")
    return parser


def _refusing(part: str) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        _refuse(part)

    return refuse


def _refuse(part: str) -> NoReturn:
    raise UnsupportedMediaType(
        f"The XML has {part}, which is not accepted, since browsers execute it or programs fail on "
        f"it. {_REMEDY}"
    )
