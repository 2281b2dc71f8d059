"""Permissions on signatures: readers of a record read its signatures."""

import sqlalchemy as sa

from qgp.kit.policy import EVERYONE, Permission, Principal, Role
from qgp.kit.subjects import concerning
from qgp.signatures.model import Signature


def _readable(caller: Principal) -> sa.ColumnElement[bool]:
    return concerning(Signature, caller)


READ = Permission("signature:read", EVERYONE, rows=dict.fromkeys(EVERYONE, _readable))
SIGN = Permission("record:sign", EVERYONE - {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT})
