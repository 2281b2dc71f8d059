"""HTTP errors of the file endpoint: status, code and message."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from qgp.authentication.signed_addresses import NoLink
from qgp.files.byte_ranges import InvalidRange
from qgp.files.media_types import UnsupportedMediaType
from qgp.files.storage import StorageUnavailable
from qgp.files.upload import DeclaredFile, UploadMismatch, UploadTooLarge
from qgp.http.http_errors import HttpError
from qgp.kit.errors import Forbidden, NotFound, Unauthenticated

_RETRY = {"Retry-After": "5"}
_CLOSE = {"Connection": "close"}  # the rest of the body is not read


@contextmanager
def translated() -> Iterator[None]:
    """Raise HTTP errors in place of errors of authorization, storage and ranges."""
    try:
        yield
    except (NoLink, Unauthenticated, Forbidden):
        raise invalid_url() from None
    except (NotFound, FileNotFoundError):
        raise not_available() from None
    except StorageUnavailable as failure:
        raise storage_unavailable() from failure
    except InvalidRange as wrong:
        raise _invalid_range(wrong.size) from None


@contextmanager
def of_upload(declared: DeclaredFile, *, is_stored: bool) -> Iterator[None]:
    """Raise HTTP errors in place of errors of uploaded bytes."""
    try:
        yield
    except (UploadTooLarge, UploadMismatch, UnsupportedMediaType) as wrong:
        if is_stored:
            message = (
                "The attachment is STORED with other bytes. Create another upload with "
                "`fileUploadCreate`."
            )
            raise HttpError(409, message, code="CONFLICT", headers=_CLOSE) from None
        raise _upload_error(wrong, declared) from None


def check_headers(headers: Mapping[str, str], declared: DeclaredFile) -> None:
    """Check `Content-Encoding` and `Content-Length` of an upload.

    Raises:
        UploadTooLarge: the body has more bytes than declared.
        HttpError: 415.
    """
    if headers.get("content-encoding", "identity").lower() != "identity":
        message = "`Content-Encoding` is not supported. Send the file without encoding."
        raise HttpError(415, message, code="BAD_REQUEST", headers=_CLOSE)
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > declared.size):
        raise UploadTooLarge


def invalid_url() -> HttpError:
    """Return the error of an invalid or expired URL."""
    message = (
        "This URL is invalid or has expired. Request another: `url` of the attachment to download, "
        "`fileUploadCreate` to upload."
    )
    return HttpError(403, message, code="FORBIDDEN", headers=_CLOSE)


def not_available() -> HttpError:
    """Return the error of an attachment that is not STORED or hidden."""
    message = (
        "No file is available: the attachment is PENDING, DELETED or not visible to you. Read its "
        "`status` first."
    )
    return HttpError(404, message, code="NOT_FOUND", headers=_CLOSE)


def storage_unavailable() -> HttpError:
    """Return the error of an unavailable storage."""
    message = "The file storage does not respond or is full. Try again in 5 seconds."
    return HttpError(503, message, code="UNAVAILABLE", headers={**_RETRY, **_CLOSE})


def invalid_disposition() -> HttpError:
    """Return the error of a `disposition` that is none of the two."""
    return HttpError(
        400, "`disposition` must be attachment or inline, sent once. Send one of them."
    )


def too_slow() -> HttpError:
    """Return the error of an upload that is too slow or incomplete."""
    message = "The upload was too slow or incomplete. Send the file again."
    return HttpError(408, message, code="TIMEOUT", headers=_CLOSE)


def _invalid_range(size: int | None) -> HttpError:
    """Return the error of a `Range` that is malformed or beyond the end (RFC 9110, 15.5.17)."""
    if size is None:
        message = "`Range` is malformed. Send `bytes=<first>-<last>`, or leave it out."
        return HttpError(400, message)
    message = f"`Range` lies beyond the {size:,} bytes of the file. Choose a range within them."
    return HttpError(416, message, headers={"Content-Range": f"bytes */{size}"})


def _upload_error(error: Exception, declared: DeclaredFile) -> HttpError:
    if isinstance(error, UploadTooLarge):
        message = (
            f"The file has more than the {declared.size:,} bytes that were declared. Send the "
            "declared file, or create another upload (`fileUploadCreate`)."
        )
        return HttpError(413, message, code="BAD_REQUEST", headers=_CLOSE)
    if isinstance(error, UploadMismatch):
        message = (
            f"The file has {error.size:,} bytes and the SHA-256 {error.sha256}; declared were "
            f"{declared.size:,} bytes and {declared.sha256}. Send the declared file."
        )
        return HttpError(422, message, code="BAD_USER_INPUT")
    return HttpError(415, str(error), code="BAD_REQUEST", headers=_CLOSE)
