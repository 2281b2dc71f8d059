import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from qgp.files.disk import Disk
from qgp.files.s3 import S3
from qgp.files.storage import Address, Storage, StorageUnavailable
from tests.files.bucket import Bucket, Signed, served

LARGE = 12 * 1024 * 1024


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with served() as storage:
        yield storage


def of_bucket(bucket: Bucket) -> S3:
    return S3(bucket.name, bucket.region, bucket.key, bucket.secret, bucket.endpoint)


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, bucket: Bucket) -> Storage:
    bucket.objects.clear()
    return Disk(tmp_path / "files") if request.param == "disk" else of_bucket(bucket)


async def keep(storage: Storage, data: bytes, organization_id: UUID, folder: Path) -> Address:
    address = Address(organization_id, hashlib.sha256(data).hexdigest())
    storage.incoming.mkdir(parents=True, exist_ok=True)
    draft = storage.incoming / uuid4().hex
    draft.write_bytes(data)
    await storage.keep(address, draft)
    draft.unlink(missing_ok=True)
    return address


async def read(storage: Storage, address: Address, size: int) -> bytes:
    data = bytearray()
    async with storage.open(address, size) as source:
        while portion := await source.read(64 * 1024):
            data += portion
    return bytes(data)


@pytest.mark.parametrize("size", [1, 70_000, LARGE])
async def test_what_is_kept_is_read_back(storage: Storage, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    address = await keep(storage, data, uuid4(), tmp_path)
    assert await read(storage, address, size) == data


async def test_reading_goes_on_from_any_place(storage: Storage, tmp_path: Path) -> None:
    address = await keep(storage, bytes(range(200)), uuid4(), tmp_path)
    async with storage.open(address, 200) as source:
        await source.seek(100)
        assert await source.read(3) == bytes([100, 101, 102])
        await source.seek(7)
        assert await source.read(2) == bytes([7, 8])


async def test_the_same_bytes_are_kept_once_for_each_organization(
    storage: Storage, tmp_path: Path
) -> None:
    one, other = uuid4(), uuid4()
    first = await keep(storage, b"same", one, tmp_path)
    assert await keep(storage, b"same", one, tmp_path) == first
    second = await keep(storage, b"same", other, tmp_path)
    await storage.remove(first)
    with pytest.raises(FileNotFoundError):
        await read(storage, first, 4)
    assert await read(storage, second, 4) == b"same"


async def test_removing_what_is_not_there_changes_nothing(storage: Storage) -> None:
    await storage.remove(Address(uuid4(), "0" * 64))


async def test_stored_files_are_listed_by_organization(storage: Storage, tmp_path: Path) -> None:
    one, other = uuid4(), uuid4()
    kept = {await keep(storage, bytes([n]), one, tmp_path) for n in range(5)}
    await keep(storage, b"other", other, tmp_path)
    assert {address async for portion in storage.list_addresses(one) for address in portion} == kept
    assert [address async for address in storage.list_addresses(uuid4())] == []
    assert sorted(await storage.organizations()) == sorted([one, other])


async def test_what_is_not_ours_is_left_alone(
    storage: Storage, bucket: Bucket, tmp_path: Path
) -> None:
    organization_id = uuid4()
    address = await keep(storage, b"ours", organization_id, tmp_path)
    bucket.objects["lost+found/x"] = bucket.objects[f"{organization_id.hex}/ab/note.txt"] = b""
    (tmp_path / "files" / "lost+found").mkdir(parents=True)
    (tmp_path / "files" / organization_id.hex / "ab").mkdir(parents=True, exist_ok=True)
    (tmp_path / "files" / organization_id.hex / "ab" / "note.txt").touch()
    assert list(await storage.organizations()) == [organization_id]
    assert [
        address async for portion in storage.list_addresses(organization_id) for address in portion
    ] == [address]


async def test_an_empty_storage_tells_nothing(storage: Storage) -> None:
    assert list(await storage.organizations()) == []


async def test_files_on_disk_are_private(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "files")
    address = await keep(disk, b"secret", uuid4(), tmp_path)
    folder = (tmp_path / "files" / address.name).parent
    assert [at.stat().st_mode & 0o077 for at in (folder, folder.parent)] == [0, 0]


async def test_a_disk_that_takes_nothing_is_away(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    draft = tmp_path / "draft"
    draft.write_bytes(b"a")
    with pytest.raises(StorageUnavailable):
        await Disk(tmp_path / "files").keep(Address(uuid4(), "a" * 64), draft)


@pytest.mark.parametrize(
    "wrong",
    [{"secret_access_key": "another"}, {"access_key_id": "another"}, {"bucket": "another"}],
)
async def test_a_bucket_that_refuses_us_is_away(
    bucket: Bucket, tmp_path: Path, wrong: dict[str, str]
) -> None:
    storage = replace(of_bucket(bucket), **wrong)
    with pytest.raises(StorageUnavailable):
        await keep(storage, b"bytes", uuid4(), tmp_path)


async def test_a_bucket_that_does_not_answer_is_away(bucket: Bucket, tmp_path: Path) -> None:
    storage = replace(of_bucket(bucket), endpoint="http://127.0.0.1:9")
    with pytest.raises(StorageUnavailable):
        await read(storage, Address(uuid4(), "a" * 64), 1)


def test_a_bucket_does_not_show_its_keys(bucket: Bucket) -> None:
    assert bucket.secret not in repr(of_bucket(bucket))
    assert bucket.key not in repr(of_bucket(bucket))


def test_signatures_are_computed_as_published() -> None:
    # "Signature Calculations for the Authorization Header", Amazon S3 API reference: GET Object.
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "range": "bytes=0-9",
        "x-amz-content-sha256": empty,
        "x-amz-date": "20130524T000000Z",
    }
    signed = Signed("GET", "/test.txt", (), headers, empty, "us-east-1")
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    assert signed.signature(secret, sorted(headers)) == expected
