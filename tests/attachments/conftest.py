from collections.abc import Callable
from pathlib import Path

import pytest

from qgp.app import Application
from qgp.files.disk import Disk
from tests.attachments.uploads import a_record
from tests.company import Client, Company


@pytest.fixture
async def subject(company: Company, api: Client) -> str:
    """A record of the company."""
    return await a_record(company, api)


@pytest.fixture
def kept(application: Application, company: Company) -> Callable[[], list[str]]:
    """Tell the SHA-256 of all that is kept for the company."""
    storage = application.services.files.storage
    assert isinstance(storage, Disk)

    def look() -> list[str]:
        folder = storage.folder / company.organization_id.hex
        return sorted(path.name for path in folder.rglob("*") if path.is_file())

    return look


@pytest.fixture
def drafts(application: Application) -> Callable[[], list[Path]]:
    """Tell what is half here."""
    storage = application.services.files.storage
    assert storage is not None
    return lambda: list(storage.incoming.glob("*"))
