"""Execution of a mutation: input read, signature proved, idempotent unit of work with retries."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError

from qgp.kit import ids
from qgp.kit.command_result import Result
from qgp.kit.context import Context
from qgp.kit.errors import Conflict, DomainError, StaleVersion, TransitionNotAllowed
from qgp.kit.gql.inputs import RefusedInput, SignatureInput, arguments
from qgp.kit.gql.retries import retried
from qgp.kit.idempotency import keep, once
from qgp.kit.model import Record
from qgp.kit.security_log import log_refusal
from qgp.kit.signing import Meaning, Signing
from qgp.kit.subjects import Subject
from qgp.kit.work import Work

if TYPE_CHECKING:
    from qgp.kit.gql.command import Command


async def run(command: "Command", context: Context, mutation: str, data: Any) -> Result:
    """Read the input object of a mutation and execute it, unless a plan has done so.

    Args:
        command: its declaration.
        context: of the operation.
        mutation: the field's name, for the audit trail.
        data: the input object.
    """
    if context.finished is not None:
        return await context.finished
    try:
        values = arguments(data)
    except RefusedInput as refused:
        return Result(errors=refused.errors)
    return await execute(command, context, mutation, values)


async def execute(
    command: "Command", context: Context, mutation: str, values: dict[str, Any]
) -> Result:
    """Execute a command in a unit of work; refusals go to the security log where they belong.

    Args:
        command: its declaration.
        context: of the operation.
        mutation: the field's name, for the audit trail.
        values: the arguments of the service function, the signature and the idempotency key.
    """
    record_id: UUID | None = values.get("id")
    signature: SignatureInput | None = values.pop("signature", None)
    try:
        meaning = await _prove(context, mutation, signature)
        return await _execute_once(command, context, mutation, values, meaning)
    except DomainError as error:
        await log_refusal(context, mutation, error, _public_id_in(command, values))
        return Result(_record_to_show(error, record_id), [error])


async def _prove(
    context: Context, mutation: str, signature: SignatureInput | None
) -> Meaning | None:
    """Return the meaning of a signature whose password is the caller's.

    Raises:
        DomainError: the password is wrong, or was tried too often.
    """
    if signature is None:
        return None
    await context.services[Signing].prove(context, mutation, signature.password)
    return signature.meaning


async def _execute_once(
    command: "Command",
    context: Context,
    mutation: str,
    values: dict[str, Any],
    meaning: Meaning | None,
) -> Result:
    """Act once for each idempotency key, with retries after conflicts."""
    key = values.pop("idempotency_key", None)
    content = orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str).decode()
    fingerprint = mutation + content + (meaning or "")  # the password is no part of it

    answers: dict[str, Any] = {}

    async def act(work: Work) -> Record:
        work.signature, work.answers = meaning, answers
        answers.clear()
        return await command.act(work, **values)

    async def act_and_keep(work: Work) -> UUID:
        id = (await act(work)).id
        if key is not None:
            keep(work, key, fingerprint, id)
        return id

    try:
        return Result(await retried(context, mutation, act_and_keep), answers=answers)
    except (DomainError, IntegrityError) as error:
        if key is None:
            raise
        failure = error

    async def repeat(work: Work) -> Record:
        if isinstance(failure, DomainError):
            raise failure
        return await act(work)

    async def outcome(work: Work) -> UUID:
        answers.clear()
        return await once(work, key, fingerprint, partial(repeat, work))

    return Result(await retried(context, mutation, outcome), answers=answers)


def _public_id_in(command: "Command", values: Mapping[str, Any]) -> str | None:
    """Return the public id of the record that the input names; None where it names none."""
    if (id := values.get("id")) is not None:
        return ids.encode(command.model.prefix, id)
    subjects = (value for value in values.values() if isinstance(value, Subject))
    return next((ids.encode(subject.kind, subject.id) for subject in subjects), None)


def _record_to_show(error: DomainError, record_id: UUID | None) -> UUID | None:
    """Return the record that the payload of a refused command shows; None where it shows none."""
    match error:
        case StaleVersion(record_id=UUID() as shown):
            return shown
        case StaleVersion() | TransitionNotAllowed():
            return record_id
        case Conflict(current=current):
            return current
    return None
