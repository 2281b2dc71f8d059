"""Templates and their versions, written past the API or through it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qgp.kit import clock
from qgp.templates.model import TemplateVersion
from qgp.templates.model.terms import (
    FIXED,
    TemplateVersionStatus,
)
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of

DRAFT = TemplateVersionStatus.DRAFT


@dataclass
class TemplateRecords:
    """Where somebody of a company writes checklists as a test needs them."""

    company: Company

    async def version(
        self, status: TemplateVersionStatus = DRAFT, *, is_complete: bool = True, **facts: Any
    ) -> TemplateVersion:
        """Write a version in a state, however it came there, of a template of its own."""
        async with work_of(self.company) as work:
            template = await work.add(factories.audit_template())
            row = await work.add(factories.template_version(template.id, **facts))
            if is_complete:
                section = await work.add(factories.section(row.id))
                await work.add(factories.question(section, max_score=Decimal(1)))
            if status is not DRAFT:
                row.enter(status)
                day = clock.today() if status in FIXED else None
                await work.change(row, {"published_on": day})
        return row

    async def now(self, row: Any) -> Any:
        """Return a record as it is now."""
        async with work_of(self.company) as work:
            return await work.get(type(row), row.id)


class Writer:
    """Somebody who writes a checklist through the API."""

    def __init__(self, api: Client) -> None:
        self.api = api

    async def done(self, mutation: str, shown: str, **fields: Any) -> Any:
        """Run a mutation that must succeed and return the record that it shows."""
        payload = await self.api.do(mutation, f"{shown} {{ id version }}", **fields)
        assert payload["errors"] == [], (mutation, fields, payload["errors"])
        return payload[shown]

    async def begin(self) -> Any:
        """Begin a template and return its first version."""
        fields = {"name": "Gauges", "category": "GEMBA"}
        template = await self.done("auditTemplateCreate", "auditTemplate", **fields)
        shown = {"templateId": template["id"]}
        return await self.done("templateVersionDraft", "templateVersion", **shown)

    async def section(self, version: Any, title: str, **facts: Any) -> Any:
        """Add a section."""
        fields = {"templateVersionId": version["id"], "title": title, **facts}
        return await self.done("sectionCreate", "section", **fields)

    async def question(self, section: Any, text: str, **facts: Any) -> Any:
        """Add a question, of a yes or no unless said otherwise."""
        fields = {"sectionId": section["id"], "text": text, "type": "YES_NO", **facts}
        return await self.done("questionCreate", "question", **fields)

    async def outline(self, version: Any) -> list[tuple[str, list[str]]]:
        """Return the titles of the sections with the texts of their questions."""
        document = """query ($id: ID!) { templateVersion(by: {id: $id}) { sections(first: 20) {
            nodes { title questions(first: 20) { nodes { text } } } } } }"""
        sections = (await self.api.ask(document, id=version["id"]))["templateVersion"]["sections"]
        return [
            (one["title"], [question["text"] for question in one["questions"]["nodes"]])
            for one in sections["nodes"]
        ]


def errors_of(payload: Any) -> list[tuple[str, str]]:
    """Return code and place of each error of a payload."""
    return [(error["code"], ".".join(error["path"] or [])) for error in payload["errors"]]


def at(row: Any, **more: Any) -> dict[str, Any]:
    """Return the input of a change of a record."""
    return {"id": row["id"], "expectedVersion": row["version"], **more}
