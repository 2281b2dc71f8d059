"""What the kit makes of the uses of fields: on every register that has no rule of its own."""

from datetime import date
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputField, GraphQLNonNull, get_named_type

from qgp.kit import editing
from qgp.kit.gql import CREATE, FILTER, SORT, UPDATE, Command
from qgp.kit.gql.declarations import DECLARED, Relation
from qgp.kit.gql.fields import TYPES
from qgp.kit.gql.uses import uses_of
from qgp.kit.loader import One
from qgp.kit.names import to_camel
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgramme
from tests.company import Client, Company, Hiring
from tests.evidence import trail_length, unchanged
from tests.kit.built import OWN_TYPES, command_of, mutations
from tests.kit.work import work_of

Fields = dict[str, GraphQLInputField]
DAY = "2027-01-01"


def _is_plain(command: Any) -> bool:
    if not isinstance(command, Command):
        return False
    model: Any = command.model
    return command.act in (editing.create(model), editing.change(model))


def _plain(ending: str) -> list[str]:
    """Return the mutations that create, or change, records by no rule of their own."""
    commands = {name: command_of(field) for name, field in mutations().items()}
    return [name for name in commands if name.endswith(ending) and _is_plain(commands[name])]


CREATES, UPDATES = _plain("Create"), _plain("Update")


def fields_of(mutation: str) -> Fields:
    """Return the input fields of a mutation, without those that every mutation has."""
    kind: Any = get_named_type(mutations()[mutation].args["input"].type)
    common = {"id", "expectedVersion", "idempotencyKey"}
    return {name: field for name, field in kind.fields.items() if name not in common}


def texts_of(mutation: str) -> list[str]:
    """Return the fields that take a text."""
    return [n for n, f in fields_of(mutation).items() if get_named_type(f.type).name == "String"]


def needed(mutation: str, word: str = "A1") -> dict[str, Any]:
    """Return a value for each field that cannot be left out."""
    values: dict[str, Any] = {}
    for name, field in fields_of(mutation).items():
        if isinstance(field.type, GraphQLNonNull):
            kind = get_named_type(field.type)
            other = DAY if kind.name == "Date" else word
            values[name] = next(iter(kind.values)) if isinstance(kind, GraphQLEnumType) else other
    return values


def _record(mutation: str) -> str:
    return mutation.removesuffix("Create").removesuffix("Update")


async def create(api: Client, mutation: str, **values: Any) -> Any:
    """Create a record and return its id and version."""
    record = _record(mutation)
    payload = await api.do(
        f"{record}Create",
        f"{record} {{ id version }}",
        **needed(f"{record}Create") | values,
    )
    assert payload["errors"] == [], payload
    return payload[record]


def _written(field: Any) -> str:
    """Return how inputs name a field of a type."""
    declared, uses = field.metadata.get(DECLARED), uses_of(field)
    is_one = isinstance(declared, Relation) and isinstance(declared.loader, One)
    return to_camel(declared.key if is_one else uses.filter_by or field.python_name)


def test_there_are_registers_without_a_rule_of_their_own() -> None:
    assert {"processCreate", "siteCreate", "causeCategoryCreate"} <= {*CREATES}
    assert [_record(name) for name in CREATES] == [_record(name) for name in UPDATES]


def test_inputs_filters_and_orders_hold_what_the_fields_declare() -> None:
    for kind in TYPES.values():
        fields: Any = kind.__strawberry_definition__.fields  # type: ignore[attr-defined]
        for use, ending in ((CREATE, "CreateInput"), (UPDATE, "UpdateInput"), (FILTER, "Filter")):
            derived: Any = OWN_TYPES.get(f"{kind.__name__}{ending}")
            used = {_written(field) for field in fields if use in uses_of(field).use}
            assert derived is None or used <= set(derived.fields), (kind, ending)
        order: Any = OWN_TYPES.get(f"{kind.__name__}OrderField")
        sorted_by = {f.graphql_name or f.python_name for f in fields if SORT in uses_of(f).use}
        assert order is None or {name.upper() for name in sorted_by} <= set(order.values)


@pytest.mark.parametrize("mutation", CREATES)
async def test_what_is_needed_makes_a_record_once_for_each_key(
    api: Client, company: Company, mutation: str
) -> None:
    length = await trail_length(company)
    first = await create(api, mutation, idempotencyKey="once")
    assert first["version"] == 1
    assert await trail_length(company) == length + 1
    async with unchanged(company):
        assert await create(api, mutation, idempotencyKey="once") == first
        other = needed(mutation, "B2") | {"idempotencyKey": "once"}
        (error,) = (await api.do(mutation, **other))["errors"]
        assert error["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("mutation", CREATES + UPDATES)
async def test_a_text_that_is_blank_or_too_long_is_refused(
    api: Client, company: Company, mutation: str
) -> None:
    if mutation in UPDATES:
        values = {"id": (await create(api, mutation))["id"], "expectedVersion": 1}
    else:
        values = needed(mutation)
    async with unchanged(company):
        for name in texts_of(mutation):
            for text, code in ((" ", "REQUIRED"), ("x" * 10_001, "TOO_LONG")):
                (error,) = (await api.do(mutation, **values | {name: text}))["errors"]
                assert (error["code"], error["path"]) == (code, [name])


@pytest.mark.parametrize("mutation", CREATES)
async def test_a_record_is_related_to_what_its_organization_has(
    api: Client, hire: Hiring, company: Company, mutation: str
) -> None:
    """Neither to what is missing, nor to another organization's, nor to another kind."""
    ids = [n for n, f in fields_of(mutation).items() if get_named_type(f.type).name == "ID"]
    async with (await hire.company()).owner.signed_in() as other:
        foreign = (await create(other, mutation))["id"]
    cases = [("parentId", foreign, "NOT_FOUND")] if "parentId" in ids else []
    cases += [(name, "fnd_" + "0" * 32, "BAD_USER_INPUT") for name in ids]
    async with unchanged(company):
        for name, id, code in cases:
            (error,) = (await api.do(mutation, **needed(mutation) | {name: id}))["errors"]
            assert (error["code"], error["path"]) == (code, [name])


@pytest.mark.parametrize("mutation", UPDATES)
async def test_a_change_is_made_to_the_version_that_was_read(
    api: Client, hire: Hiring, company: Company, mutation: str
) -> None:
    record = await create(api, mutation)
    identity = {"id": record["id"], "expectedVersion": 1}
    column = next(name for name in needed(f"{_record(mutation)}Create") if name != "kind")
    missing = identity | {"id": record["id"][:4] + "0" * 32}
    cases = [
        (identity | {"expectedVersion": 2, column: "B2"}, "STALE_VERSION", "expectedVersion"),
        (missing, "NOT_FOUND", "id"),
        (identity | {column: None}, "REQUIRED", column),
    ]
    if "parentId" in fields_of(mutation):
        cases.append((identity | {"parentId": record["id"]}, "BAD_USER_INPUT", "parentId"))
    async with unchanged(company):
        for arguments, code, path in cases:
            (error,) = (await api.do(mutation, **arguments))["errors"]
            assert (error["code"], error["path"]) == (code, [path])
        async with (await hire.company()).owner.signed_in() as other:
            (error,) = (await other.do(mutation, **identity))["errors"]
            assert error["code"] == "NOT_FOUND"
    shown = f"{_record(mutation)} {{ version {column} }}"
    changed = await api.do(mutation, shown, **identity | {column: "B2"})
    assert changed == {_record(mutation): {"version": 2, column: "B2"}, "errors": []}


@pytest.mark.parametrize("mutation", CREATES)
async def test_only_who_may_writes(api: Client, company: Company, mutation: str) -> None:
    record = await create(api, mutation)
    change = mutation.replace("Create", "Update")
    may = command_of(mutations()[mutation]).permission.roles
    for role in Role:
        async with (await company.hire(role)).signed_in() as person:
            if role in may:
                assert (await person.do(mutation, **needed(mutation, role[:9])))["errors"] == []
                continue
            for name, arguments in (
                (mutation, needed(mutation, "B2")),
                (change, {"id": record["id"], "expectedVersion": 1}),
            ):
                kind = f"{name[0].upper()}{name[1:]}Input"
                document = f"mutation ($i: {kind}!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"
                assert await person.refusal(document, i=arguments) == "FORBIDDEN"


async def test_a_record_with_states_begins_in_the_first(company: Company) -> None:
    """As the workflow says, where it has one start."""
    values = {"title": "A", "method": "ONSITE", "owner_id": company.owner.user_id}
    period = {"period_start_on": date(2027, 1, 1), "period_end_on": date(2027, 12, 31)}
    async with work_of(company) as work:
        programme: Any = await editing.create(AuditProgramme)(work, **values, **period)
    assert {programme.status} == AuditProgramme.workflow.starts
