"""Loaders of electronic signatures and of the changes that superseded them."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.facts import VisibleRows
from qgp.kit.loader import KeyIn, Register, one
from qgp.kit.policy import Principal
from qgp.signatures.facts.superseding import entries_of_signatures
from qgp.signatures.model import Signature
from qgp.signatures.policy import READ


def _superseding(caller: Principal, key_in: KeyIn) -> Any:
    """Select the entries that superseded signatures, oldest first."""
    entries = entries_of_signatures(key_in)
    rows: Any = sa.select(*entries.c).join(Signature, Signature.id == entries.c.id)
    rows = rows.where(*READ.visible(caller))
    order = (entries.c.at, entries.c.entity, entries.c.entity_id, entries.c.entity_version)
    return rows.order_by(*order)


signature_by_id = one(Signature, READ)
superseding_entries = VisibleRows(READ, _superseding)

signatures = Register(Signature, READ, ("signed_at",))
