"""Every record says who made it and who changed it, and when; registers can be asked for it."""

from typing import Any

from qgp.kit.gql.fields import TYPES
from qgp.kit.policy import Role
from tests.company import Client, Company, texts
from tests.kit.built import OWN_TYPES

WHO = "createdBy { id } updatedBy { id } updatedAt"
CHANGED = """query ($since: DateTime!) { sites(
    filter: {updatedAt: {gte: $since}}, orderBy: [{field: UPDATED_AT}]) { nodes { code } } }"""


def test_every_record_names_its_authors_and_every_register_its_dates() -> None:
    for kind in TYPES.values():
        shown: Any = OWN_TYPES[kind.__name__]
        assert "Authored" in {interface.name for interface in shown.interfaces}
        if kind.__name__ == "Organization":  # there is only one
            continue
        filter: Any = OWN_TYPES[f"{kind.__name__}Filter"]
        assert {"createdAt", "updatedAt"} <= set(filter.fields)
        orders: Any = OWN_TYPES[f"{kind.__name__}OrderField"]
        assert {"CREATED_AT", "UPDATED_AT"} <= set(orders.values)


async def test_a_record_names_who_made_and_who_changed_it(api: Client, company: Company) -> None:
    site = (await api.do("siteCreate", f"site {{ id {WHO} }}", code="A", name="A"))["site"]
    assert site["createdBy"] == site["updatedBy"] == {"id": company.owner.id}
    ann = await company.hire(Role.ADMIN)
    async with ann.signed_in() as other:
        change = {"id": site["id"], "expectedVersion": 1, "name": "B"}
        changed = (await other.do("siteUpdate", f"site {{ {WHO} }}", **change))["site"]
    assert changed["createdBy"] == {"id": company.owner.id}
    assert changed["updatedBy"] == {"id": ann.id}


async def test_what_nobody_of_the_organization_made_has_no_author(api: Client) -> None:
    data = await api.ask("{ viewer { organization { createdBy { id } } } }")
    assert data == {"viewer": {"organization": {"createdBy": None}}}


async def test_a_client_asks_for_what_changed_since_it_looked(api: Client) -> None:
    rows = [
        (await api.do("siteCreate", "site { id updatedAt }", code=code, name=code))["site"]
        for code in "ABC"
    ]
    since = rows[2]["updatedAt"]
    await api.do("siteUpdate", id=rows[0]["id"], expectedVersion=1, name="new")
    data = await api.ask(CHANGED, since=since)
    assert texts(data["sites"]["nodes"], "code") == ["C", "A"]
