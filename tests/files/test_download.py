from datetime import UTC, datetime
from uuid import UUID

from qgp.files.download import StoredFile
from qgp.files.media_types import BY_NAME
from qgp.files.storage import Address

ADDRESS = Address(UUID(int=1), "0" * 64)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def stored(content_type: str, *, is_inline: bool) -> StoredFile:
    return StoredFile(ADDRESS, 1, "file", content_type, NOW, is_inline=is_inline)


def test_a_pdf_and_images_alone_are_shown_in_place_and_on_request_alone() -> None:
    shown = {kind for kind in BY_NAME if stored(kind, is_inline=True).disposition == "inline"}
    images = {f"image/{kind}" for kind in ("png", "jpeg", "webp", "gif", "heic")}
    assert shown == {"application/pdf", *images}
    assert {stored(kind, is_inline=False).disposition for kind in BY_NAME} == {"attachment"}
    assert stored("text/html", is_inline=True).disposition == "attachment"


def test_a_type_that_a_browser_executes_is_served_as_another() -> None:
    others = {kind: stored(kind, is_inline=True).served_as for kind in [*BY_NAME, "text/html"]}
    assert {kind: served for kind, served in others.items() if served != kind} == {
        "application/xml": "text/plain",
        "message/rfc822": "application/octet-stream",
        "text/html": "application/octet-stream",
    }
