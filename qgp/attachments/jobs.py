"""Background work of attachments: uploads that never came, and files of no attachment."""

from qgp.attachments.commands.attachment_storage import sweep
from qgp.files.config import Files
from qgp.kit.background_jobs import DailyJob
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.session import Database
from qgp.kit.work import Work


async def _sweep(work: Work) -> None:
    files, organization_id = work.services[Files], work.caller.organization_id

    async def delete(database: Database) -> None:
        await sweep(files, database, organization_id)

    if files.storage is not None:
        work.after_commit(delete)


delete_unused_files = DailyJob(OperatorAction.FILE_SWEEP, _sweep)
