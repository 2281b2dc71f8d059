"""Impersonation: commands of several users in one transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from qgp.kit.policy import Principal
from qgp.kit.signing import Meaning
from qgp.kit.work import Work


@asynccontextmanager
async def impersonate(
    work: Work, caller: Principal, action: str, signature: Meaning | None = None
) -> AsyncIterator[None]:
    """Execute commands as another user within the block.

    Their entries in the audit trail have that user and action.

    Args:
        work: unit of work of the transaction.
        caller: the user.
        action: a mutation's field name.
        signature: meaning of the user's signature; None without one.
    """
    info = work.session.info
    await work.seal_audit_notes()
    before = work.caller, info["scope"], work.signature
    work.caller, work.signature = caller, signature
    info["scope"] = replace(info["scope"], actor_id=caller.user_id, action=action)
    try:
        yield
        await work.seal_audit_notes()
    finally:
        work.caller, info["scope"], work.signature = before
