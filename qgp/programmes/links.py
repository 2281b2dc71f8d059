"""The standards of audit programmes, for the types of any module."""

import sqlalchemy as sa

from qgp.kit.loader import Among, linked
from qgp.kit.policy import Principal
from qgp.programmes.model import AuditProgrammeStandard
from qgp.programmes.policy import READ_STANDARDS
from qgp.standards.model import Standard
from qgp.standards.policy import READ as READ_LIBRARY


def _by_code(caller: Principal, among: Among) -> sa.FromClause:
    key = AuditProgrammeStandard.programme_id
    rank = sa.func.row_number().over(partition_by=key, order_by=(Standard.code, Standard.id))
    links = sa.select(key.label("key"), Standard.id.label("id"), rank.label("place"))
    links = links.join(Standard, Standard.id == AuditProgrammeStandard.standard_id)
    return links.where(among(key), *READ_STANDARDS.visible(caller)).subquery()


standards_of_programme = linked(Standard, READ_LIBRARY, _by_code)
