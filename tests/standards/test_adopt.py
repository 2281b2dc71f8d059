"""Adopting shipped editions."""

from tests.company import Client


async def test_adopting_copies_every_clause_once(api: Client) -> None:
    payload = await api.do(
        "standardAdopt",
        "standard { code clauses { totalCount } }",
        familyCode="ISO27001",
        edition="2022",
    )
    assert payload == {
        "standard": {"code": "ISO27001:2022", "clauses": {"totalCount": 138}},
        "errors": [],
    }
