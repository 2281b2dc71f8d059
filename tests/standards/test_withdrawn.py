"""What is withdrawn stays as it is."""

from typing import Any

from tests.company import Client, Company
from tests.evidence import unchanged
from tests.standards import standard_commands


async def test_what_is_withdrawn_takes_no_changes(api: Client, company: Company) -> None:
    standard, other = (
        await standard_commands.write(api, "1", "2"),
        await standard_commands.write(api, "1", family="O"),
    )
    ids = [
        await standard_commands.clause(api, *at)
        for at in ((standard, "1"), (standard, "2"), (other, "1"))
    ]
    gone, used, far = ids
    done = await api.do("clauseAssess", "clauseAssessment { id }", clauseId=gone)
    assessment = {"id": done["clauseAssessment"]["id"], "expectedVersion": 1, "maturity": 1}
    await api.do("clauseWithdraw", id=gone, expectedVersion=1)
    mapping = {"relation": "EQUAL", "strength": 9}
    under = {"standardId": standard, "parentId": gone, "number": "3", "title": "Three"}
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("clauseUpdate", {"id": gone, "expectedVersion": 2, "title": "x"}, "id"),
        ("clauseAssess", {"clauseId": gone}, "clauseId"),
        ("clauseAssessmentUpdate", assessment, "id"),
        (
            "clauseMappingPropose",
            {"fromClauseId": gone, "toClauseId": far} | mapping,
            "fromClauseId",
        ),
        ("clauseMappingPropose", {"fromClauseId": far, "toClauseId": gone} | mapping, "toClauseId"),
        ("clauseCreate", under, "parentId"),
    ]
    await _refused(api, company, refused)
    assert await standard_commands.numbers(api, standard, {"withdrawnAt": {"isNull": True}}) == [
        "2"
    ]
    done = await api.do("standardWithdraw", "standard { version }", id=standard, expectedVersion=1)
    version = done["standard"]["version"]
    refused = [
        ("standardUpdate", {"id": standard, "expectedVersion": version, "title": "x"}, "id"),
        ("clauseCreate", under | {"parentId": None}, "standardId"),
        ("clauseUpdate", {"id": used, "expectedVersion": 1, "title": "x"}, "id"),
        ("clauseWithdraw", {"id": used, "expectedVersion": 1}, "id"),
        ("clauseAssess", {"clauseId": used}, "clauseId"),
    ]
    await _refused(api, company, refused)


async def _refused(
    api: Client, company: Company, refused: list[tuple[str, dict[str, Any], str]]
) -> None:
    for mutation, arguments, path in refused:
        async with unchanged(company):
            payload = await api.do(mutation, **arguments)
            assert standard_commands.errors_of(payload) == [("BAD_USER_INPUT", path)], mutation
            assert "withdrawn" in payload["errors"][0]["message"].lower()
