"""What the address of a file answers where it does not give or take: status, code, sentence."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from qgp.authentication.file_addresses import NoLink
from qgp.files.intake import Promise, TooLong, Unlike, Unsuited
from qgp.files.sending import UnfitRange
from qgp.files.storage import StorageAway
from qgp.http.http_errors import HttpError
from qgp.kit.errors import Forbidden, NotFound, Unauthenticated

_RETRY = {"Retry-After": "5"}
_HANG_UP = {"Connection": "close"}  # the rest of the body stays unread
_TAKEN = (
    "PDF, PNG, JPEG, WebP, GIF, HEIC, MP4, text in UTF-8, CSV, Markdown, OpenDocument and Office "
    "Open XML without macros"
)


@contextmanager
def worded() -> Iterator[None]:
    """Turn what is raised on the way into refusals."""
    try:
        yield
    except (NoLink, Unauthenticated, Forbidden):
        raise no_link() from None
    except (NotFound, FileNotFoundError):
        raise gone() from None
    except StorageAway as failure:
        raise away() from failure
    except UnfitRange as wrong:
        raise _unfit_range(wrong.size) from None


@contextmanager
def of_upload(promise: Promise, *, is_stored: bool) -> Iterator[None]:
    """Turn what is wrong with the bytes of an upload into refusals."""
    try:
        yield
    except (TooLong, Unlike, Unsuited) as wrong:
        if is_stored:
            told = "This file is stored with other bytes. Promise yours with `fileUploadCreate`."
            raise HttpError(409, told, code="CONFLICT", headers=_HANG_UP) from None
        raise _wrong(wrong, promise) from None


def check_head(headers: Mapping[str, str], promise: Promise) -> None:
    """Look at what the head says of the body.

    Raises:
        TooLong: it has more bytes than were promised.
        HttpError: 415.
    """
    if headers.get("content-encoding", "identity").lower() != "identity":
        told = "Send the file as it is; no `Content-Encoding` is read."
        raise HttpError(415, told, code="BAD_REQUEST", headers=_HANG_UP)
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > promise.size):
        raise TooLong


def no_link() -> HttpError:
    """The address is not, or no longer, good for this."""
    told = (
        "This address does not hold, or not any more. Ask for a new one: `url` of the attachment "
        "to fetch it, `fileUploadCreate` to send it."
    )
    return HttpError(403, told, code="FORBIDDEN", headers=_HANG_UP)


def gone() -> HttpError:
    """There is no such file for the caller."""
    told = "This file is not here: it was deleted, has not come yet, or you do not see it any more."
    return HttpError(404, told, code="NOT_FOUND", headers=_HANG_UP)


def away() -> HttpError:
    """The place for files cannot be reached."""
    told = "The place for files does not answer or is full. Try again in some seconds."
    return HttpError(503, told, code="UNAVAILABLE", headers={**_RETRY, **_HANG_UP})


def too_slow() -> HttpError:
    """The bytes do not come."""
    told = "The file came too slowly, or not to its end. Send it again."
    return HttpError(408, told, code="TIMEOUT", headers=_HANG_UP)


def _unfit_range(size: int | None) -> HttpError:
    """The part that is asked for does not exist (RFC 9110, 15.5.17) or is not named properly."""
    if size is None:
        told = (
            "`Range` names no part of the file. Send it as `bytes=<first>-<last>`, or not at all."
        )
        return HttpError(400, told)
    told = f"The file has {size:,} bytes; `Range` asks for what lies behind them."
    return HttpError(416, told, headers={"Content-Range": f"bytes */{size}"})


def _wrong(wrong: Exception, promise: Promise) -> HttpError:
    if isinstance(wrong, TooLong):
        told = f"The file is longer than the {promise.size:,} bytes that were promised."
        return HttpError(413, told, code="BAD_REQUEST", headers=_HANG_UP)
    if isinstance(wrong, Unlike):
        told = (
            f"{wrong.size:,} bytes with the SHA-256 {wrong.sha256} came; promised were "
            f"{promise.size:,} with {promise.sha256}. Send the file that you promised."
        )
        return HttpError(422, told, code="BAD_USER_INPUT")
    told = f"Such a file is not taken, whatever its name. Taken are {_TAKEN}."
    return HttpError(415, told, code="BAD_REQUEST", headers=_HANG_UP)
