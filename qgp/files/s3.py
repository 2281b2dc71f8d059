"""File storage in an S3 bucket; `obstore` signs (AWS Signature V4), retries and streams."""

import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from qgp.files.storage import Address, Source, StorageUnavailable, addresses, organization_ids

if TYPE_CHECKING:
    from obstore import AsyncReadableFile
    from obstore.store import S3Store

_TIMEOUT = timedelta(seconds=30)
_CONNECT_TIMEOUT = timedelta(seconds=3)
_RETRY_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True)
class S3:
    """Storage in an S3 bucket.

    Attributes:
        endpoint: URL of the service; None for that of AWS in the region.
    """

    bucket: str
    region: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    endpoint: str | None = None

    @property
    def incoming(self) -> Path:
        """The folder of drafts, before they are sent to the bucket."""
        return Path(tempfile.gettempdir()) / "qgp-incoming"

    @cached_property
    def _store(self) -> "S3Store":
        from obstore.store import S3Store  # noqa: PLC0415 - 16 MB that only S3 needs

        return S3Store(
            self.bucket,
            region=self.region,
            endpoint=self.endpoint,
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
            client_options={
                "allow_http": True,
                "timeout": _TIMEOUT,
                "connect_timeout": _CONNECT_TIMEOUT,
            },
            retry_config={"max_retries": 3, "retry_timeout": _RETRY_TIMEOUT},
        )

    async def keep(self, address: Address, draft: Path) -> None:
        """Upload a draft; a large one in parts, which become visible together."""
        with _translated_errors():
            await self._store.put_async(address.name, draft)

    @asynccontextmanager
    async def open(self, address: Address, size: int) -> AsyncIterator[Source]:
        """Check that the object exists, and open it for ranged reads."""
        from obstore import open_reader_async  # noqa: PLC0415 - as above

        with _translated_errors(passing=FileNotFoundError):
            await self._store.head_async(address.name)
            reader = await open_reader_async(self._store, address.name, size=size)
        yield _Ranges(reader)

    async def remove(self, address: Address) -> None:
        """Delete the object."""
        with _translated_errors():
            await self._store.delete_async(address.name)

    async def list_addresses(self, organization_id: UUID) -> AsyncIterator[Sequence[Address]]:
        """Yield the addresses of the organization's objects, up to 1,000 at a time."""
        with _translated_errors():
            async for page in self._store.list(organization_id.hex, chunk_size=1000):
                names = [item["path"].rpartition("/")[2] for item in page]
                yield addresses(organization_id, names)

    async def organizations(self) -> Sequence[UUID]:
        """Return the organizations that prefix object names."""
        with _translated_errors():
            listing = await self._store.list_with_delimiter_async()
        return organization_ids(listing["common_prefixes"])


@dataclass(frozen=True)
class _Ranges:
    """Adapter of a reader to `Source`, which returns `bytes`."""

    reader: "AsyncReadableFile"

    async def seek(self, offset: int, /) -> int:
        with _translated_errors():
            return await self.reader.seek(offset)

    async def read(self, size: int, /) -> bytes:
        with _translated_errors():
            return bytes(await self.reader.read(size))


@contextmanager
def _translated_errors(passing: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Raise StorageUnavailable in place of errors of the client, except `passing`."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - as above

    try:
        yield
    except passing:
        raise
    except (BaseError, OSError) as failure:
        raise StorageUnavailable from failure
