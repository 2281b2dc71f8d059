"""Every command, with a record outside the caller's scope at every place that takes an id."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from graphql import get_named_type

from qgp.kit import ids
from qgp.kit.policy import Role
from tests.evidence import unchanged
from tests.isolation.inputs import filled, places, with_place
from tests.isolation.steps import STEPS
from tests.scopes.conftest import Look, Seed
from tests.scopes.probing import PREFIX, Prober, probing
from tests.scopes.view import chunks

AT_ONCE = 20
ERRORS = """__typename errors { __typename code message path
    ... on TransitionNotAllowedError { blockers { __typename code message subject { id } } } }"""


@dataclass(frozen=True)
class Attempt:
    """A command with a place for an id in its input."""

    mutation: str
    shape: Any

    def of(self, id: str) -> dict[str, Any]:
        """Return the input with an id in its place."""
        values: dict[str, Any] = filled(self.shape, id)
        return values


def attempts(seed: Seed) -> Iterator[Attempt]:
    """Yield each command with each place of its input that takes an id."""
    root = seed.everything.schema.mutation_type
    assert root is not None
    for mutation, step in {step.mutation: step for step in reversed(STEPS)}.items():
        kind = root.fields[mutation].args["input"].type
        for place in places(kind, "ID"):
            yield Attempt(mutation, with_place(kind, step.input_of(seed.world), place))


async def _errors(
    seed: Seed, prober: Prober, part: Sequence[Attempt], variables: Sequence[str]
) -> Any:
    """Return the errors of each attempt, without the ids that it gave."""
    root = seed.everything.schema.mutation_type
    assert root is not None
    fields = [root.fields[one.mutation] for one in part]
    types = ", ".join(f"$v{n}: {field.args['input'].type}" for n, field in enumerate(fields))
    calls = []
    for n, (one, field) in enumerate(zip(part, fields, strict=True)):
        payload: Any = get_named_type(field.type)
        results = f"results {{ {ERRORS} }}" if "results" in payload.fields else ""
        calls.append(f"a{n}: {one.mutation}(input: $v{n}) {{ {ERRORS} {results} }}")
    values = {f"v{n}": one.of(id) for n, (one, id) in enumerate(zip(part, variables, strict=True))}
    body = await prober.ask(f"mutation ({types}) {{ __typename {' '.join(calls)} }}", **values)
    refused = {error["path"][0]: error["message"] for error in body.get("errors", ())}
    return [
        str(body["data"][f"a{n}"] or refused[f"a{n}"]).replace(id, "<given>")
        for n, id in enumerate(variables)
    ]


@pytest.mark.parametrize("role", [Role.PROCESS_OWNER, Role.EMPLOYEE])
async def test_an_id_outside_the_scope_is_an_id_of_nothing(
    look: Look, seed: Seed, role: Role
) -> None:
    view = await look(role)
    company = replace(seed.world.company, application=view.application)
    count = 0
    async with probing(view, seed.everything) as prober, unchanged(company):
        for part in chunks([*attempts(seed)], AT_ONCE):
            refusals = await _errors(seed, prober, part, ["no id"] * len(part))
            hidden = [_hidden(prober, PREFIX.findall(text)) for text in refusals]
            tried = [(one, id) for one, id in zip(part, hidden, strict=True) if id]
            if tried:
                which, inputs = zip(*tried, strict=True)
                nobodys = [re.sub("_.*", f"_{ids.uuid7().hex}", id) for id in inputs]
                theirs = await _errors(seed, prober, which, inputs)
                none = await _errors(seed, prober, which, nobodys)
                for one, said, right in zip(which, theirs, none, strict=True):
                    assert said == right, one
                    assert prober.tells(said) is None, one
                count += len(tried)
    assert count > 20


def _hidden(prober: Prober, prefixes: Sequence[str]) -> str | None:
    """Return the hidden record that visible ones name most, of the first kind that has one."""
    ids = (prober.view.hidden_ids.get(prefix, ()) for prefix in prefixes)
    return next((first_ids[0] for first_ids in ids if first_ids), None)
