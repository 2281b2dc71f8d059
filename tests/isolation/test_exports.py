"""Every register as a file: to each role what its list shows, and nothing of others."""

from collections.abc import Sequence

import pytest

from qgp.kit.gql.exports import registers
from qgp.kit.policy import Role
from tests.company import client
from tests.exchange.files import fetch
from tests.isolation.conftest import Stage
from tests.kit.built import BUILT

ROLES = (Role.OWNER, Role.EMPLOYEE, Role.SUPPLIER_CONTACT)  # all rows, some, few or none
REGISTERS = sorted(registers(BUILT))


@pytest.mark.parametrize(
    "roles",
    [ROLES, pytest.param([Role.AUDITOR], marks=pytest.mark.exhaustive)],
    ids=["each kind", "another of the first"],
)
@pytest.mark.parametrize("register", REGISTERS)
async def test_a_file_holds_the_rows_that_the_list_shows_to_the_role(
    stage: Stage, register: str, roles: Sequence[Role]
) -> None:
    for role in roles:
        person = await stage.person(role)
        async with client(stage.application, person.token) as api:
            listed = await api.send(f"{{ {register}(first: 100) {{ nodes {{ id }} }} }}")
            file = await fetch(api, register)
        assert stage.secrets.first_in(file.answer) is None
        if "errors" in listed:
            assert (file.status, file.code) == (403, "FORBIDDEN"), role
        else:
            nodes = listed["data"][register]["nodes"]
            assert file.column("id")[:100] == [row["id"] for row in nodes], role


async def test_what_another_organization_has_is_in_no_file(stage: Stage) -> None:
    b = stage.b.ids
    async with client(stage.application, stage.a.company.owner.token) as api:
        for filter in ({"id": {"eq": b["nc"]}}, {"ownerId": {"eq": b["owner"]}}):
            file = await fetch(api, "findings", "id", filter=filter)
            assert file.rows == [["id"]]


async def test_nobody_gets_a_file_nor_hears_what_there_is(stage: Stage) -> None:
    async with client(stage.application) as nobody:
        for register in (*REGISTERS, "nothing"):
            file = await fetch(nobody, register)
            assert (file.status, file.code) == (401, "UNAUTHENTICATED")
            assert file.answer.headers["WWW-Authenticate"].startswith("Bearer")
