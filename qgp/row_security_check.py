"""Row security check at the start of a process in production."""

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.kit import row_security_status
from qgp.startup import StartFailed

_log = structlog.get_logger(__name__)


class RowSecurityMissing(StartFailed):
    """The database would let one organization read another's rows; production does not start."""


async def require_row_security(engine: AsyncEngine) -> None:
    """Check that the database separates the organizations; warn if the user owns its tables.

    Raises:
        RowSecurityMissing: it does not.
    """
    async with engine.connect() as connection:
        status = await connection.run_sync(row_security_status.inspect)
    if status.complaint:
        raise RowSecurityMissing(f"{status.complaint} Run the migrations, or ask an administrator.")
    if status.login_owns_tables:
        _log.warning(
            "database_user_owns_tables",
            remedy="Connect as a user who owns no table, and set DATABASE_MIGRATION_URL.",
        )
