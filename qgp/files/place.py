"""Where this process keeps files, by its settings."""

from dataclasses import dataclass

from qgp.embedded import default_data_dir
from qgp.files.disk import Disk
from qgp.files.s3 import S3
from qgp.files.storage import Storage
from qgp.settings import Settings


@dataclass(frozen=True)
class Files:
    """What the application hands to whoever takes files.

    Attributes:
        storage: None where the operator has named no place.
        most: bytes of one file at the most.
    """

    storage: Storage | None = None
    most: int = 0

    @classmethod
    def of(cls, found: Settings) -> "Files":
        """Take the bucket, or the folder, or outside production one in the data directory.

        In production there is no place but a named one: what a container writes into itself is
        gone with it.
        """
        return cls(_storage(found), found.qgp_max_upload_bytes)


def _storage(found: Settings) -> Storage | None:
    keys = (found.qgp_s3_access_key_id, found.qgp_s3_secret_access_key)
    if found.qgp_s3_bucket is not None:
        id, secret = (key.get_secret_value() if key else "" for key in keys)
        return S3(found.qgp_s3_bucket, found.qgp_s3_region, id, secret, found.qgp_s3_endpoint)
    if found.qgp_files_dir is not None:
        return Disk(found.qgp_files_dir)
    if found.is_production:
        return None
    return Disk((found.qgp_data_dir or default_data_dir()) / "files")
