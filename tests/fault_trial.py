"""Trial of mutations by faults: nothing is left behind until one succeeds, and it acts once."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type

from qgp.app import Application
from qgp.kit import ids
from qgp.kit.gql.bulk import Bulk
from tests import asgi
from tests.company import Company, new_address
from tests.evidence import Digest, whole_digest
from tests.faults import Faults
from tests.isolation.documents import Documents
from tests.kit.built import command_of, mutations

# What is committed apart from a change on purpose: the key of a bulk mutation, whose rows are units
# of work with keys of their own, so that a later row does not undo an earlier one. Failed attempts
# at a password and the security log are as well, but a valid input has none of them.
KEYS_OF_BULK = "idempotency_keys"
# They begin work in the background, which has transactions of its own.
IN_BACKGROUND = {"standardImport", "passwordResetRequest"}
READ_ONLY = {"exportLinkCreate"}
Form = tuple[str, bool]  # a mutation, and whether it is a dry run


@dataclass
class FaultTrial:
    """A company whose mutations are refused statement by statement.

    Attributes:
        withstood: the mutations that have withstood faults at all of their statements.
        refused: number of statements refused so far.
    """

    company: Company
    withstood: set[Form] = field(default_factory=set)
    refused: int = 0
    _peer: tuple[str, int] = field(default_factory=lambda: (new_address(), 50_000))

    @property
    def application(self) -> Application:
        """The application of the company."""
        return self.company.application

    @cached_property
    def documents(self) -> Documents:
        """The documents that it sends."""
        return Documents(self.application.schema.graphql)

    async def withstand_once(self, mutation: str, input: dict[str, Any], token: str) -> Any:
        """Send a mutation, with faults unless it has withstood them; return its payload."""
        if _form(mutation, input) not in self.withstood:
            return await self.withstand(mutation, input, token)
        answer = await self._send(mutation, {"input": input}, token)
        payload = answer["data"][mutation]
        assert payload["errors"] == [], (mutation, payload)
        return payload

    async def withstand(self, mutation: str, input: Any, token: str | None) -> Any:
        """Send a mutation until no statement of it is refused any more; return its payload.

        With an idempotency key each statement of the answer is refused as well: what is stored
        by then stays as it is.
        """
        key = _key(mutation)
        variables = {} if input is None else {"input": input | key}
        faults = Faults(spares_answer=not key or mutation in IN_BACKGROUND)
        times_stored = 0
        while True:
            before = await self._stored()
            with faults.in_request():
                answer = await self._send(mutation, variables, token)
            await self.application.background.wait()
            place = mutation, faults.refused, answer
            pool: Any = self.application.engine.pool
            assert pool.checkedout() == 0, place
            changed = _changed(mutation, before, await self._stored())
            times_stored += bool(changed)
            assert not changed or faults.commits, (changed, place)
            payload: Any = (answer.get("data") or {}).get(mutation)
            if "errors" in answer:
                assert payload is None or faults.commits, place
            elif not faults.refused or faults.spares_answer:
                assert payload["errors"] == [], place
                assert times_stored == _units(mutation, input), place
                self.withstood.add(_form(mutation, input))
                self.refused += len(faults.past)
                return payload
            else:
                assert payload["errors"] == [], place
                assert faults.commits or _units(mutation, input) == 0, place

    async def _send(self, mutation: str, variables: Any, token: str | None) -> dict[str, Any]:
        body = {"query": self.documents.receipt(mutation), "variables": variables}
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await asgi.post(
            self.application.asgi, "/graphql", json.dumps(body).encode(), headers, self._peer
        )
        answer: dict[str, Any] = response.json()
        return answer

    async def _stored(self) -> Digest:
        return await whole_digest(self.application.engine, self.company.organization_id)


def _form(mutation: str, input: dict[str, Any] | None) -> Form:
    return mutation, bool(input and input.get("isDryRun"))


def _units(mutation: str, input: dict[str, Any] | None) -> int:
    """Return the number of transactions in which a mutation stores its changes."""
    command = command_of(mutations()[mutation])
    if isinstance(command, Bulk) and input:
        return len(input[command.rows])
    return 0 if mutation in READ_ONLY or _form(mutation, input)[1] else 1


def _changed(mutation: str, before: Digest, after: Digest) -> set[str]:
    """Return the tables that differ, without those that are written apart on purpose."""
    is_bulk = isinstance(command_of(mutations()[mutation]), Bulk)
    deliberate = {KEYS_OF_BULK} if is_bulk else set()
    return {table for table, digest in after.items() if digest != before[table]} - deliberate


def _key(mutation: str) -> dict[str, str]:
    """Return the input's idempotency key; nothing where it takes none."""
    argument = mutations()[mutation].args.get("input")
    kind = argument and get_named_type(argument.type)
    has_key = isinstance(kind, GraphQLInputObjectType) and "idempotencyKey" in kind.fields
    return {"idempotencyKey": ids.uuid7().hex} if has_key else {}
