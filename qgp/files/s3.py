"""Bytes in a bucket that speaks S3; `obstore` signs (AWS Signature V4), retries and streams."""

import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from qgp.files.storage import Address, Source, StorageAway, addresses, owners

if TYPE_CHECKING:
    from obstore import AsyncReadableFile
    from obstore.store import S3Store

_PATIENCE = timedelta(seconds=30)
_CONNECT = timedelta(seconds=3)
_RETRYING = timedelta(seconds=10)


@dataclass(frozen=True)
class S3:
    """A bucket.

    Attributes:
        endpoint: address of the service; None for AWS's own of the region.
    """

    bucket: str
    region: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    endpoint: str | None = None

    @property
    def incoming(self) -> Path:
        """Where drafts are written before they are sent."""
        return Path(tempfile.gettempdir()) / "qgp-incoming"

    @cached_property
    def _store(self) -> "S3Store":
        from obstore.store import S3Store  # noqa: PLC0415 - 16 MB that only this needs

        return S3Store(
            self.bucket,
            region=self.region,
            endpoint=self.endpoint,
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
            client_options={
                "allow_http": True,
                "timeout": _PATIENCE,
                "connect_timeout": _CONNECT,
            },
            retry_config={"max_retries": 3, "retry_timeout": _RETRYING},
        )

    async def keep(self, address: Address, draft: Path) -> None:
        """Send a draft; what is large goes in parts, of which none shows before the last."""
        with _worded():
            await self._store.put_async(address.name, draft)

    @asynccontextmanager
    async def open(self, address: Address, size: int) -> AsyncIterator[Source]:
        """See that the object is there, and read it in ranges."""
        from obstore import open_reader_async  # noqa: PLC0415 - as above

        with _worded(passing=FileNotFoundError):
            await self._store.head_async(address.name)
            reader = await open_reader_async(self._store, address.name, size=size)
        yield _Ranges(reader)

    async def remove(self, address: Address) -> None:
        """Delete the object."""
        with _worded():
            await self._store.delete_async(address.name)

    async def kept(self, organization_id: UUID) -> AsyncIterator[Sequence[Address]]:
        """Tell the objects whose names begin with the organization, a thousand at a time."""
        with _worded():
            async for page in self._store.list(organization_id.hex, chunk_size=1000):
                names = [found["path"].rpartition("/")[2] for found in page]
                yield addresses(organization_id, names)

    async def organizations(self) -> Sequence[UUID]:
        """Tell with what the names of objects begin."""
        with _worded():
            found = await self._store.list_with_delimiter_async()
        return owners(found["common_prefixes"])


@dataclass(frozen=True)
class _Ranges:
    """A reader whose bytes are `bytes`."""

    reader: "AsyncReadableFile"

    async def seek(self, place: int, /) -> int:
        with _worded():
            return await self.reader.seek(place)

    async def read(self, size: int, /) -> bytes:
        with _worded():
            return bytes(await self.reader.read(size))


@contextmanager
def _worded(passing: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    from obstore.exceptions import BaseError  # noqa: PLC0415 - as above

    try:
        yield
    except passing:
        raise
    except (BaseError, OSError) as failure:
        raise StorageAway from failure
