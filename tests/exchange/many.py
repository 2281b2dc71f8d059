"""Registers with more rows than anybody would write one by one, past the walls and the trail."""

from typing import Any

import sqlalchemy as sa

from qgp.app import Application
from tests.company import Company

_FINDINGS = """
INSERT INTO findings (organization_id, id, reference, version, created_at, updated_at, grade,
  source_type, status, title, statement, detected_on, is_systemic, reopen_count, owner_id)
SELECT :organization, md5(:organization::text || n)::uuid, 'OFI-2026-' || lpad(n::text, 6, '0'), 1,
  now(), now(), 'OFI', 'PROCESS', 'DRAFT', 'Finding ' || n, repeat('What was seen. ', 20),
  date '2026-01-01' + n % 300, false, 0, :owner
FROM generate_series(1, :count) n
"""


async def findings(application: Application, company: Company, count: int) -> None:
    """Write so many opportunities for improvement, numbered from 1."""
    values: dict[str, Any] = {"organization": company.organization_id, "count": count}
    values["owner"] = company.owner.user_id
    text = _FINDINGS.replace(":organization::text", f"'{company.organization_id}'")
    async with application.engine.begin() as connection:
        await connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await connection.execute(sa.text(text), values)
