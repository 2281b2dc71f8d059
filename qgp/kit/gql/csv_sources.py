"""Sources of an imported CSV file: the text of a mutation's input, or an uploaded file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from qgp.kit import time_limit
from qgp.kit.concurrency import Concurrency
from qgp.kit.context import Context
from qgp.kit.csv_dialect import decoded, whole
from qgp.kit.csv_table import MAX_BYTES
from qgp.kit.errors import Invalid, InvalidFormat, TooLong, enumerated, max_length
from qgp.kit.gql.inputs import InputField
from qgp.kit.uploads import UploadedFile, Uploads

SECONDS: Final = 60.0  # time of a long import, from its head or its mutation to its outcome
_ATTACHMENT = "attachmentId"
_ONE_OF_TWO = "A file is a text (`csv`) or an upload (`attachmentId`). Send exactly one of them."
_OF_FILE = (("csv",), ("encoding",))  # paths of errors of a file as a whole
_ID = InputField(id_of="att")
_MEDIA_TYPES = ("text/csv", "text/tab-separated-values", "text/plain")


@dataclass(eq=False)
class LongImports(Concurrency):
    """Long imports of this process; each holds a connection of the pool while it writes."""

    noun: str = "import"
    most: int = 2


@asynccontextmanager
async def source(
    context: Context, name: str, csv: str | None, attachment_id: str | None
) -> AsyncIterator[AsyncIterator[str]]:
    """Return the portions of the file that an input names; its import may take long.

    Args:
        context: of the operation.
        name: of the mutation.
        csv: the file as a text.
        attachment_id: public id of an upload.

    Raises:
        Invalid: the input has both or neither; the upload is not STORED, no CSV, or too large.
        NotFound: the upload is hidden from the caller.
        RateLimited, Unavailable: other long imports are running, or the storage fails.
    """
    if attachment_id is None:
        if csv is None:
            raise Invalid(_ONE_OF_TWO, "csv")
        yield whole(csv)
        return
    id = _ID.read(attachment_id, _ATTACHMENT)
    # Alone: a mutation also holds one of two places among heavy operations.
    with context.services[LongImports].running(context.caller.user_id, most=1):
        async with context.unit_of_work(name) as work:
            file = await work.services[Uploads].find(work, id, _ATTACHMENT)
        if csv is not None:
            raise Invalid(_ONE_OF_TWO, "csv")
        _require_importable(file)
        time_limit.extend(SECONDS)
        try:
            yield decoded(file.parts())
        except Invalid as error:
            raise (error.at(_ATTACHMENT) if error.path in _OF_FILE else error) from None


def _require_importable(file: UploadedFile) -> None:
    """Refuse an upload that is no CSV, or too large.

    Raises:
        Invalid: it is.
    """
    if file.content_type not in _MEDIA_TYPES:
        message = f"The attachment is {file.content_type}, and an import reads CSV. Upload a .csv."
        raise InvalidFormat(message, _ATTACHMENT, constraint=enumerated(_MEDIA_TYPES))
    if file.size_bytes > MAX_BYTES:
        message = f"The attachment has {file.size_bytes:,} bytes; an import takes {MAX_BYTES:,}."
        raise TooLong(f"{message} Split the file.", _ATTACHMENT, constraint=max_length(MAX_BYTES))
