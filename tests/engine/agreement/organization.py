"""An organization with something to disagree about: every kind of record, every null, odd texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from qgp.kit.policy import Role
from tests.company import Client, Company
from tests.engine.agreement import (
    audits,
    checklists,
    files,
    problems,
    processes,
    programmes,
    proofs,
    register,
    remarks,
    tasks,
)

ODD_TEXTS = (
    'Say "yes" or \'no\'', "back\\slash \\n \\u0041 /slash", "100 % of_all", "two\nlines\n\nmore",
    "tab\there", "Ölprüfung, Straße, naïve, İstanbul", "e\u0301 as e and accent", "日本語の手順",
    "\U0001f9ea \U0001f469\u200d\U0001f52c lab", "<b>&amp;</b> {\"json\": [null]}", "no\u200bjoin",
    "'; DROP TABLE users; --", "$1 :name %(x)s %s ${y}", "\u2028line separator\u2029", "~",
)  # fmt: skip
SHIPPED = (
    ("ISO9001", "2015"), ("ISO9001", "2026"), ("ISO14001", "2015"), ("ISO14001", "2026"),
    ("ISO27001", "2022"),
)  # fmt: skip
CONFORMITIES = ("CONFORM", "MINOR_GAP", "MAJOR_GAP", "NOT_ASSESSED")
IMPLEMENTATIONS = ("IMPLEMENTED", "PARTIAL", "PLANNED", "NOT_STARTED")
_SOME_CLAUSES = """query ($code: String!, $first: Int!) { standard(by: {code: $code}) {
    id version clauses(first: $first, filter: {isRequirement: {eq: true}}) { nodes { id version } }
} }"""
_SOME_MAPPINGS = """query ($after: String, $first: Int!) { clauseMappings(first: $first,
    after: $after) { nodes { id version basis } pageInfo { endCursor } } }"""


@dataclass
class Filling:
    """Fills one organization through the API, as its owner.

    Attributes:
        ids: of the records made here, by a name.
    """

    api: Client
    company: Company
    ids: dict[str, str] = field(default_factory=dict)
    _texts: int = 0

    async def small(self) -> None:
        """Make a little of everything, as the other organization has it."""
        await self.places({"HQ": None, "MUC": "HQ"}, {"PROD": None})
        await self.adopt(*SHIPPED[2])
        await self.own_standard()
        await self.assess("ISO14001:2015", 3)
        await processes.processes(self)
        await checklists.templates(self, 1)
        await programmes.programmes(self, 3)
        await register.causes(self)
        await register.findings(self, 3)
        await audits.audits(self, 4)
        await problems.capas(self, 3)
        await tasks.actions(self, 3)
        await proofs.evidence(self, 5)
        await remarks.comments(self, 6)
        await files.attachments(self, 4)

    async def large(self) -> None:
        """Make a lot of everything."""
        await self.organization()
        sites = {"HQ": None, "BER": "HQ", "BER-1": "BER", "BER-2": "BER", "HAM": "HQ", "VIE": None}
        units = {"QA": None, "LAB": "QA", "LAB-A": "LAB", "PROD": None, "IT": None}
        await self.places(sites, units)
        for edition in SHIPPED:
            await self.adopt(*edition)
        await self.own_standard()
        await self.assess("ISO9001:2015", 12)
        await self.assess("ISO27001:2022", 6)
        await self.decide_on_mappings()
        await self.workforce()
        await processes.processes(self)
        await checklists.templates(self, 4)
        await programmes.programmes(self, 9)
        await register.causes(self)
        await register.findings(self, 28)
        await audits.audits(self, 14)
        await problems.capas(self, 16)
        await tasks.actions(self, 16)
        await proofs.evidence(self, 15)
        await remarks.comments(self, 20)
        await files.attachments(self, 12)
        await self.retire()

    def text(self) -> str:
        """Return the next odd text."""
        self._texts += 1
        return ODD_TEXTS[self._texts % len(ODD_TEXTS)]

    async def make(self, mutation: str, shown: str, **given: Any) -> Any:
        """Run a mutation that must succeed and return the record that it shows."""
        payload = await self.api.do(mutation, f"{shown} {{ id version }}", **given)
        assert payload["errors"] == [], (mutation, given, payload["errors"])
        return payload[shown]

    async def organization(self) -> None:
        """Give the organization a version, a zone and an odd name."""
        id = f"org_{self.company.organization_id.hex}"
        facts = {"name": ODD_TEXTS[0], "timeZone": "Europe/Vienna", "locale": "de-AT"}
        await self.make("organizationUpdate", "organization", id=id, expectedVersion=1, **facts)

    async def places(
        self, sites: Mapping[str, str | None], units: Mapping[str, str | None]
    ) -> None:
        """Make sites, every other one in a country, and departments."""
        for number, (code, parent) in enumerate(sites.items()):
            above = {"parentId": self.ids[parent]} if parent else {}
            land = {"country": ("DE", "AT")[number % 4 // 2]} if number % 2 else {}
            made = await self.make(
                "siteCreate", "site", code=code, name=self.text(), **above, **land
            )
            self.ids[code] = made["id"]
        for code, parent in units.items():
            above = {"parentId": self.ids[parent]} if parent else {}
            given = {"code": code, "name": self.text(), **above}
            self.ids[code] = (await self.make("departmentCreate", "department", **given))["id"]

    async def adopt(self, family: str, edition: str) -> None:
        """Copy a shipped edition into the library."""
        made = await self.make("standardAdopt", "standard", familyCode=family, edition=edition)
        self.ids[f"{family}:{edition}"] = made["id"]

    async def own_standard(self) -> None:
        """Write two editions of a standard of our own, with clauses and a mapping between them."""
        common = {"familyCode": "OURS", "kind": "CUSTOMER"}
        bare = await self.make("standardCreate", "standard", edition="1", title="x", **common)
        facts = {"publisher": self.text(), "licenceNote": self.text(), "title": self.text()}
        facts |= {"publishedOn": "2025-02-28", "transitionDeadline": "2027-12-31"}
        facts |= {"sourceUrl": "https://example.com/a?b=c&d=%20", "supersedesId": bare["id"]}
        full = await self.make("standardCreate", "standard", edition="2", **facts, **common)
        self.ids |= {"OURS:1": bare["id"], "OURS:2": full["id"]}
        parent = None
        for number in ("1", "1.1", "1.1.1", "1.1.1.1", "1.1.1.1.1"):
            parent = await self.clause(bare["id"], number, parentId=parent)
        for number in ("1", "2", "10", "A.9", "A.10"):
            top = await self.clause(full["id"], number, controlTheme="PEOPLE", theme="POLICY")
            for below in range(6):
                await self.clause(full["id"], f"{number}.{below}", parentId=top)
        ends = {
            "fromClauseId": self.ids[bare["id"] + "1"],
            "toClauseId": self.ids[full["id"] + "2"],
        }
        odd = {"relation": "INTERSECT", "strength": 0, "note": self.text()}
        await self.make("clauseMappingPropose", "clauseMapping", **ends, **odd)

    async def clause(self, standard: str, number: str, **facts: Any) -> str:
        """Add a clause; the ones below another have texts."""
        if facts.get("parentId"):
            facts |= {"summary": self.text(), "text": self.text()}
        elif "theme" in facts:
            facts |= {
                "controlTypes": ["PREVENTIVE", "DETECTIVE"],
                "securityProperties": ["INTEGRITY"],
            }
        given = {"standardId": standard, "number": number, "title": self.text(), **facts}
        made = await self.make("clauseCreate", "clause", **given)
        self.ids[standard + number] = made["id"]
        return str(made["id"])

    async def assess(self, code: str, count: int) -> None:
        """Assess clauses as a whole, and every third one site by site."""
        found = await self.api.ask(_SOME_CLAUSES, code=code, first=count)
        sites = [id for id in self.ids.values() if id.startswith("sit_")]
        for number, clause in enumerate(found["standard"]["clauses"]["nodes"]):
            for site in [None, *(sites if number % 3 == 0 else [])]:
                facts = self._assessment(number + len(site or ""))
                where = {"clauseId": clause["id"], "siteId": site}
                await self.make("clauseAssess", "clauseAssessment", **where, **facts)

    def _assessment(self, number: int) -> dict[str, Any]:
        facts: dict[str, Any] = {"conformity": CONFORMITIES[number % 4]}
        facts["implementation"] = IMPLEMENTATIONS[number // 2 % 4]
        if number % 2:
            facts |= {"maturity": number % 6, "ownerId": self.company.owner.id}
        if number % 3 == 0:
            basis = ["RISK", "LEGAL"][: 1 + number % 2]
            facts |= {"isApplicable": False, "justification": self.text()}
            facts |= {"justificationBasis": basis, "targetOn": f"2027-0{1 + number % 9}-15"}
        return facts

    async def decide_on_mappings(self) -> None:
        """Confirm some, reject others, leave most undecided."""
        after, decisions = None, ("Confirm", "Reject", "Confirm")
        for _ in range(3):
            page = (await self.api.ask(_SOME_MAPPINGS, first=40, after=after))["clauseMappings"]
            for number, found in enumerate(page["nodes"][:12]):
                given = {"id": found["id"], "expectedVersion": found["version"]}
                decision = f"clauseMapping{decisions[number % 3]}"
                await self.make(decision, "clauseMapping", **given)
            after = page["pageInfo"]["endCursor"]

    async def workforce(self) -> None:
        """Hire, invite, withdraw and suspend."""
        for number, role in enumerate(Role):
            days = {"valid_from": date(2026, 1, 1), "valid_until": date(2099, 12, 31)}
            place = {"site_id": UUID(self.ids["HAM"][4:])}
            facts: dict[str, Any] = dict(days if number % 2 else place)
            await self.company.hire(role, name=self.text(), **facts)
        where = {"siteId": self.ids["BER-1"], "departmentId": self.ids["LAB-A"]}
        term = {"validFrom": "2020-01-01", "validUntil": "2100-12-31"}
        invited = []
        further: tuple[dict[str, Any], ...] = ({}, where, term, {**where, **term})
        for number, more in enumerate(further):
            email = f"n{number}.o'neil+{self.company.slug}@firm.example"
            given = {"email": email, "name": self.text(), "role": "AUDITOR", **more}
            invited.append(await self.make("userInvite", "user", **given))
        await self.make("userInvitationWithdraw", "user", id=invited[0]["id"], expectedVersion=1)
        leaver = await self.company.hire(Role.EMPLOYEE, name="Gone")
        await self.make("userSuspend", "user", id=leaver.id, expectedVersion=1)

    async def retire(self) -> None:
        """Withdraw a clause and a standard, supersede another."""
        gone = [f"{number}.{below}" for number in ("1", "2", "10", "A.9") for below in range(4)]
        for number in gone:
            clause = self.ids[self.ids["OURS:2"] + number]
            await self.make("clauseWithdraw", "clause", id=clause, expectedVersion=1)
        steps = (("Activate", "OURS:1"), ("Supersede", "OURS:1"), ("Withdraw", "OURS:2"))
        for version, (step, code) in zip((1, 2, 1), steps, strict=True):
            given = {"id": self.ids[code], "expectedVersion": version}
            await self.make(f"standard{step}", "standard", **given)


async def fill(company: Company, *, is_large: bool) -> None:
    """Fill an organization, a lot or a little."""
    async with company.owner.signed_in() as api:
        filling = Filling(api, company)
        await (filling.large() if is_large else filling.small())
