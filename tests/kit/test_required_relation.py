"""What the kit derives from a relation that a record must have, of a register declared here.

Its rows are those of a table whose owner may not be null.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    ERROR_TYPES,
    FILTER,
    SCALARS,
    Node,
    belongs_to,
    column,
    create,
    csv_import,
    derived,
    object_type,
    record,
    update,
)
from qgp.kit.gql.fields import ROW_TYPES, TYPES
from qgp.kit.gql.filter_sql import conditions
from qgp.kit.policy import QUALITY, Permission, Role
from qgp.kit.shared_terms import AuditMethod
from qgp.programmes.model import AuditProgramme
from qgp.users.loaders import user_by_email, user_by_id
from tests.company import Company
from tests.evidence import unchanged
from tests.kit.built import BUILT
from tests.kit.work import context_of

MANAGE = Permission("permit:manage", QUALITY)
PERIOD = 'periodStartOn: "2027-01-01", periodEndOn: "2027-12-31", method: ONSITE'
REFUSAL = "errors { code path }"
ACTS = ("Create", "Update")
CELLS = "title,method,periodStartOn,periodEndOn"


@object_type
class Person:
    """Person."""

    email: str = column("E-mail address.")


def _declare() -> Any:
    @record(AuditProgramme)
    class Permit(Node):
        """Permission to work."""

        version: int = column("Version.")
        title: str = column("Title.", EDITABLE)
        method: AuditMethod = column("Method.", CREATE)
        period_start_on: date = column("First day.", CREATE)
        period_end_on: date = column("Last day.", CREATE)
        owner: Person | None = belongs_to(user_by_id, "Owner.", EDITABLE | FILTER)

    derived.derive()
    return Permit


def _schema(permit: Any) -> strawberry.Schema:
    creates = create(permit, MANAGE)
    imports = csv_import(creates, names={"owner_id": user_by_email})
    commands: dict[str, Any] = {
        "permit_create": creates,
        "permit_update": update(permit, MANAGE),
        "permits_import": imports,
    }
    fields = [declared.field(name) for name, declared in commands.items()]

    async def permits(info: Any, filter: Any) -> list[Any]:
        limits = conditions(filter, info.context.caller)
        rows = sa.select(AuditProgramme).where(*limits).order_by(AuditProgramme.title)
        return [*await info.context.rows(rows)]

    permits.__annotations__ |= {
        "info": strawberry.Info,
        "filter": derived.__dict__["PermitFilter"],
        "return": list[permit],
    }
    return strawberry.Schema(
        create_type("Query", [strawberry.field(permits, name="permits")]),
        create_type("Mutation", fields),
        types=ERROR_TYPES,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


@pytest.fixture(scope="module")
def register() -> Iterator[strawberry.Schema]:
    """Declare the register, and forget it in the end."""
    assert BUILT, "filters of related records exist"
    shown_before = TYPES[AuditProgramme]
    yield _schema(_declare())
    ROW_TYPES[AuditProgramme] = TYPES[AuditProgramme] = shown_before
    for ending in ("Filter", "ListFilter", "Order"):
        delattr(derived, f"Permit{ending}")


@pytest.fixture
def execute(register: strawberry.Schema, company: Company) -> Any:
    """Return the function that executes a document as the company's owner."""

    async def run(document: str) -> Any:
        context = context_of(company)
        result = await register.execute(document, context_value=context)
        await context.close()
        assert result.errors is None, result.errors
        assert result.data is not None
        (answer,) = result.data.values()
        return answer

    return run


def _create(owner: str) -> str:
    values = f'title: "Hot work", {PERIOD}, ownerId: "{owner}"'
    shown = f"permit {{ id version owner {{ email }} }} {REFUSAL}"
    return f"mutation {{ permitCreate(input: {{ {values} }}) {{ {shown} }} }}"


def _import(csv: str) -> str:
    text = csv.replace("\n", "\\n")
    shown = "created problems { row column code } errors { code }"
    return (
        f'mutation {{ permitsImport(input: {{ csv: "{text}", isDryRun: false }}) {{ {shown} }} }}'
    )


async def test_inputs_do_not_go_without_it(
    register: strawberry.Schema, execute: Any, company: Company
) -> None:
    types = register.as_str()
    inputs = (re.findall(rf"input Permit{act}Input {{.*?\n}}", types, re.S) for act in ACTS)
    created, updated = (re.findall("  (ownerId: .*)", text) for (text,) in inputs)
    assert (created, updated) == (["ownerId: ID!"], ["ownerId: ID"])
    assert "Required: `title`, `method`, `periodStartOn`, `periodEndOn`, `owner`." in types
    owner = company.owner.id
    permit = (await execute(_create(owner)))["permit"]
    assert permit == {"id": permit["id"], "version": 1, "owner": {"email": company.owner.email}}
    identity = f'id: "{permit["id"]}", expectedVersion: 1'
    change = f"mutation {{ permitUpdate(input: {{ {identity}, ownerId: %s }}) {{ {REFUSAL} }} }}"
    async with unchanged(company):
        without = _create(owner).replace(f', ownerId: "{owner}"', "")
        refused = await register.execute(without, context_value=context_of(company))
        assert refused.errors is not None
        (error,) = refused.errors
        assert error.message.startswith(
            "Expected value of type 'PermitCreateInput' to include required field 'ownerId', found:"
        )
        for document, code in (
            (_create("usr_" + "0" * 32), "NOT_FOUND"),
            (_create("sit_" + "0" * 32), "BAD_USER_INPUT"),
            (change % "null", "REQUIRED"),
            (change % f'"usr_{"0" * 32}"', "NOT_FOUND"),
        ):
            assert (await execute(document))["errors"] == [{"code": code, "path": ["ownerId"]}]


async def test_a_file_names_it_in_each_row(execute: Any, company: Company) -> None:
    row, email = "Hot work,ONSITE,2027-01-01,2027-12-31", company.owner.email
    async with unchanged(company):
        for csv, line, column, code in (
            (f"{CELLS}\n{row}", 1, None, "REQUIRED"),
            (f"{CELLS},owner\n{row},", 2, "owner", "REQUIRED"),
            (f"{CELLS},owner.email\n{row},nobody@example.com", 2, "owner.email", "NOT_FOUND"),
        ):
            answer = await execute(_import(csv))
            assert answer == {
                "created": 0,
                "problems": [{"row": line, "column": column, "code": code}],
                "errors": [],
            }
    answer = await execute(_import(f"{CELLS},owner\n{row},{email.upper()}"))
    assert answer == {"created": 1, "problems": [], "errors": []}


async def test_a_filter_compares_its_id_and_its_fields(execute: Any, company: Company) -> None:
    other = await company.hire(Role.QUALITY_MANAGER)
    for person in (company.owner, other):
        assert (await execute(_create(person.id)))["errors"] == []
    for filter in (
        f'ownerId: {{ eq: "{other.id}" }}',
        f'owner: {{ email: {{ eq: "{other.email}" }} }}',
    ):
        shown = await execute(f"{{ permits(filter: {{ {filter} }}) {{ owner {{ email }} }} }}")
        assert shown == [{"owner": {"email": other.email}}]
