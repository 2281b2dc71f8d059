"""The file storage that the settings configure."""

from dataclasses import dataclass

from qgp.embedded import default_data_dir
from qgp.files.disk import Disk
from qgp.files.s3 import S3
from qgp.files.storage import Storage
from qgp.settings import Settings


@dataclass(frozen=True)
class Files:
    """File storage and the maximum size of an upload, as an injected service.

    Attributes:
        storage: None where none is configured.
        max_bytes: maximum size of one file.
    """

    storage: Storage | None = None
    max_bytes: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "Files":
        """Choose the S3 bucket, else the folder, else, outside production, the data directory.

        Production requires a configured storage: a container's own file system ends with it.
        """
        return cls(_storage(settings), settings.qgp_max_upload_bytes)


def _storage(settings: Settings) -> Storage | None:
    keys = (settings.qgp_s3_access_key_id, settings.qgp_s3_secret_access_key)
    if settings.qgp_s3_bucket is not None:
        id, secret = (key.get_secret_value() if key else "" for key in keys)
        return S3(
            settings.qgp_s3_bucket, settings.qgp_s3_region, id, secret, settings.qgp_s3_endpoint
        )
    if settings.qgp_files_dir is not None:
        return Disk(settings.qgp_files_dir)
    if settings.is_production:
        return None
    return Disk((settings.qgp_data_dir or default_data_dir()) / "files")
