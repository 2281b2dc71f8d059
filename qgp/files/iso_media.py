"""Media types of ISO base media files and QuickTime files, by brands and first boxes."""

from collections.abc import Sequence

from qgp.files.media_types import ACCEPTED, BY_NAME, QUICKTIME, MediaType

_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_IMAGES = {b"mif1", b"msf1"}  # any coding; the compatible brands tell which
_OTHER = {b"avif", b"avis", b"crx ", b"M4A ", b"M4B ", b"M4P "}  # images and sound, refused
_LARGEST_FIRST = 0x09000000  # bytes of the first box: from here on, its size could be text


def is_iso_media(head: bytes) -> bool:
    """Whether the file begins with a box of an ISO base media file or of QuickTime.

    QuickTime files older than brands begin with another box than `ftyp`.
    """
    is_box = head[4:8] == b"ftyp" or head[4:8] in _QUICKTIME_BOXES
    return is_box and int.from_bytes(head[:4]) < _LARGEST_FIRST


def types_by_brand(head: bytes) -> Sequence[MediaType]:
    """Return the media types whose brands the file has: the major brand's first."""
    if head[4:8] != b"ftyp":
        return (QUICKTIME,)
    end = min(int.from_bytes(head[:4]), len(head))
    major = head[8:12]
    if major in _OTHER:
        return ()
    brands = [major, *(head[place : place + 4] for place in range(16, end, 4))]
    media = [media for brand in brands for media in ACCEPTED if brand in media.brands]
    if major in _IMAGES or media[:1] == [BY_NAME["image/heic"]]:
        return [each for each in media if each.name == "image/heic"]
    return [each for each in media if each.name != "image/heic"]
