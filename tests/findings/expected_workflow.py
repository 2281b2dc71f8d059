"""The life of a finding as this test tells it, apart from the code that it judges."""

from dataclasses import dataclass, field
from typing import Any

from qgp.kit.policy import Role

QUALITY = frozenset({Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER})
VERIFIERS = QUALITY | {Role.LEAD_AUDITOR}
ISSUERS = QUALITY | {Role.LEAD_AUDITOR, Role.HSE_MANAGER}
WORKERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
MEMBERS = frozenset(Role) - {Role.SUPPLIER_CONTACT}
STATES = (
    "DRAFT", "OPEN", "CONTAINED", "ANALYSIS", "ACTION", "VERIFICATION", "CLOSED", "ACCEPTED", "VOID"
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step: from where, to where, who by role, and who by being somebody to the finding."""

    sources: frozenset[str]
    target: str
    roles: frozenset[Role]
    by: str | None = None


def _step(sources: str, target: str, roles: frozenset[Role], by: str | None = None) -> Step:
    return Step(frozenset(sources.split()), target, roles, by)


STEPS = {
    "findingOpen": _step("DRAFT", "OPEN", ISSUERS, "creator"),
    "findingRecordContainment": _step("OPEN", "CONTAINED", WORKERS, "owner"),
    "findingStartAnalysis": _step("CONTAINED", "ANALYSIS", WORKERS, "owner"),
    "findingStartCorrectiveAction": _step("ANALYSIS", "ACTION", WORKERS, "owner"),
    "findingSubmitForVerification": _step("ACTION", "VERIFICATION", WORKERS, "owner"),
    "findingClose": _step("OPEN VERIFICATION", "CLOSED", VERIFIERS),
    "findingRejectCorrectiveAction": _step("VERIFICATION", "ACTION", VERIFIERS),
    "findingGrantConcession": _step("OPEN", "ACCEPTED", QUALITY),
    "findingRevokeConcession": _step("ACCEPTED", "OPEN", QUALITY),
    "findingVoid": _step("DRAFT OPEN CONTAINED ANALYSIS ACTION", "VOID", QUALITY),
    "findingReopen": _step("CLOSED", "ANALYSIS", QUALITY),
}
APPROVALS = {"findingVoid": "VOID", "findingGrantConcession": "CONCESSION"}
ENDED = {"CLOSED", "ACCEPTED", "VOID"}
MISSING = {
    "findingOpen": {"statement": "STATEMENT", "evidenceText": "EVIDENCE_TEXT", "ownerId": "OWNER"},
    "findingRecordContainment": {"containmentText": "CONTAINMENT"},
}
OF_NONCONFORMITIES = {
    "findingOpen": {"primaryClauseId": "PRIMARY_CLAUSE"},
    "findingStartCorrectiveAction": {
        "rootCause": "ROOT_CAUSE",
        "causeCategoryId": "CAUSE_CATEGORY",
    },
}
KEPT = ("statement", "evidenceText", "ownerId")
CONTENT = {"statement", "evidenceText", "primaryClauseId"}  # which `findingCorrect` changes


@dataclass
class Life:
    """One finding.

    Attributes:
        has: the names of what it has, as inputs name it.
        proofs: the evidence about it that is not withdrawn, collected by its creator since it was
            last reopened.
        has_capa: whether a corrective CAPA of it was effective.
        request: kind and author of the pending request about a MAJOR.
        owner: the id of the owner; whoever else acts is none.
    """

    is_nonconformity: bool
    creator: str
    grade: str = "MINOR"
    has: dict[str, str] = field(default_factory=dict)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    status: str = "DRAFT"
    states: list[str] = field(default_factory=lambda: ["DRAFT"])
    version: int = 1
    reopened: int = 0
    has_capa: bool = False
    request: tuple[str, str] | None = None

    def blockers(self, step: str, role: Role, person: str, *, is_signed: bool = True) -> set[str]:
        """Return the codes of what is in the person's way."""
        move = STEPS[step]
        somebody = {"creator": self.creator, "owner": self.has.get("ownerId"), None: None}[move.by]
        codes = set() if self.status in move.sources else {"WRONG_STATE"}
        if role not in move.roles and somebody != person:
            codes.add("FORBIDDEN")
        needed = dict(MISSING.get(step, {}))
        if self.is_nonconformity:
            needed |= OF_NONCONFORMITIES.get(step, {})
        codes |= {code for name, code in needed.items() if name not in self.has}
        is_proven = bool(self.proofs) or not self.is_nonconformity
        if step in {"findingSubmitForVerification", "findingClose"} and not is_proven:
            codes.add("EVIDENCE")
        if step == "findingClose":
            codes |= {"VERIFIER_DIFFERS"} if self.has.get("ownerId") == person else set()
            codes |= set() if is_signed or self.grade != "MAJOR" else {"SIGNATURE"}
            codes |= (
                {"NC_VERIFICATION"} if self.is_nonconformity and self.status == "OPEN" else set()
            )
            codes |= self._of_major(person)
        if step == "findingGrantConcession":
            codes |= {"APPROVER_DIFFERS"} if self.creator == person else set()
            codes |= set() if is_signed else {"SIGNATURE"}
        if step in APPROVALS and self.is_issued_major:
            kind, author = self.request or ("", "")
            codes |= {"REQUESTED"} if kind != APPROVALS[step] else set()
            is_party = person in {author, self.has.get("ownerId")}
            codes |= {"APPROVER_DIFFERS"} if is_party else set()
            codes |= set() if is_signed else {"SIGNATURE"}
        return codes

    @property
    def is_issued_major(self) -> bool:
        """Say whether two persons decide on its end."""
        return self.grade == "MAJOR" and self.status != "DRAFT"

    def _of_major(self, person: str) -> set[str]:
        if self.grade != "MAJOR":
            return set()
        codes = {"VERIFIER_DIFFERS"} if self.creator == person else set()
        return codes if self.has_capa else codes | {"CAPA_LINKED"}

    def request_change(self, kind: str, person: str) -> bool:
        """Request a change where it may be; say whether it is refused."""
        step = next(name for name, change in APPROVALS.items() if change == kind)
        if not self.is_issued_major or self.status not in STEPS[step].sources:
            return True
        self.request, self.version = (kind, person), self.version + 1
        return False

    def take(self, step: str) -> None:
        """Take a step that nothing blocks."""
        self.status = STEPS[step].target
        self.states.append(self.status)
        self.version += 1
        if step == "findingReopen":
            self.reopened += 1
            self.proofs = []
        if step in {*APPROVALS, "findingClose"}:
            self.request = None

    def refuses(self, name: str, value: str | None) -> bool:
        """Say whether an update with that one change is refused."""
        kept = (*KEPT, *(("primaryClauseId",) if self.is_nonconformity else ()))
        is_issued = self.status != "DRAFT"
        is_lost = value is None and name in kept
        is_other = name in CONTENT and self.has.get(name) != value
        return self.status in ENDED or (is_issued and (is_lost or is_other))

    def change(self, name: str, value: str | None) -> None:
        """Change one thing; what is as it was before is no version."""
        if self.has.get(name) == value:
            return
        self.version += 1
        if value is None:
            del self.has[name]
        else:
            self.has[name] = value
