"""Who may, told to people."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from graphql import GraphQLObjectType

from qgp.accounts.mutations import user_invite as invite
from qgp.audits import policy as audits
from qgp.comments import policy as comments
from qgp.comments.model import Comment
from qgp.findings import policy as findings
from qgp.findings.mutations import audit_findings_draft
from qgp.kit import clock
from qgp.kit.access import Access
from qgp.kit.policy import EVERYONE, PERMISSIONS, QUALITY, Role, asking, audience
from qgp.kit.sql_statement import compile_statement
from qgp.users import policy as users
from tests.kit.built import GRAPHQL

QUALITY_SAID = "OWNER, ADMIN, QUALITY_MANAGER"


@pytest.mark.parametrize(
    ("roles", "further", "sentence"),
    [
        (EVERYONE, (), ""),
        (EVERYONE - {Role.SUPPLIER_CONTACT}, (), "For everyone but SUPPLIER_CONTACT."),
        (QUALITY, (), f"For {QUALITY_SAID}."),
        (QUALITY, ("its owner",), f"For {QUALITY_SAID}, or its owner."),
        (frozenset(), ("its lead",), "For its lead."),
    ],
)
def test_an_audience_is_described_in_a_sentence(
    roles: frozenset[Role], further: tuple[str, ...], sentence: str
) -> None:
    assert audience(roles, *further) == sentence


@pytest.mark.parametrize(
    ("roles", "further", "sentence"),
    [
        (QUALITY, (), "Ask somebody who is QUALITY_MANAGER, ADMIN or OWNER."),
        ({Role.OWNER}, ("its owner",), "Ask somebody who is OWNER, or its owner."),
        (EVERYONE - {Role.EMPLOYEE}, (), "Ask somebody who is not EMPLOYEE."),
    ],
)
def test_the_permitted_roles_are_named_in_a_sentence(
    roles: frozenset[Role], further: tuple[str, ...], sentence: str
) -> None:
    assert asking(roles, *further) == sentence


def test_callers_of_equal_access_share_the_condition_of_a_permission() -> None:
    whole, placed, again = (
        findings.READ.visible(Access(Role.EMPLOYEE, has_site, has_department=False).caller)
        for has_site in (False, True, False)
    )
    assert whole[0] is again[0]
    assert whole[0] is not placed[0]


def test_alternatives_of_a_condition_read_the_records_of_a_kind_once() -> None:
    """Comments, and evidence that they may be about, are about findings, actions and CAPAs."""
    caller = Access(Role.PROCESS_OWNER, has_site=True, has_department=True).caller
    text = compile_statement(sa.select(Comment.id).where(*comments.READ.visible(caller))).text
    for table in ("findings", "actions", "capas", "evidence_items", "sites", "departments"):
        assert len(re.findall(rf"FROM {table} \nWHERE", text)) == 1
    for table in re.findall(r"FROM (\w+) \nWHERE", text):
        assert text.count(f"{table}.organization_id = ") >= text.count(f"FROM {table} ")


def _mutations() -> dict[str, str]:
    root = GRAPHQL.mutation_type
    assert isinstance(root, GraphQLObjectType)
    return {name: field.description or "" for name, field in root.fields.items()}


def test_mutations_say_whom_they_are_for() -> None:
    descriptions = _mutations()
    assert descriptions["capaCancel"].endswith(f" For {QUALITY_SAID}.")
    assert descriptions["findingOpen"].endswith(
        f" For {QUALITY_SAID}, LEAD_AUDITOR, HSE_MANAGER, or its creator."
    )
    assert descriptions["findingCreate"].endswith(
        " For everyone but EXTERNAL_AUDITOR, SUPPLIER_CONTACT."
    )
    assert descriptions["actionsAssign"].endswith(
        " For OWNER, ADMIN, QUALITY_MANAGER, HSE_MANAGER, PROCESS_OWNER."
    )
    assert descriptions["findingsImport"].endswith(
        " For everyone but EXTERNAL_AUDITOR, SUPPLIER_CONTACT."
    )


def test_a_mutation_that_submits_for_verification_says_what_decides() -> None:
    descriptions = _mutations()
    decisions = {
        "findingSubmitForVerification": ["findingClose", "findingRejectCorrectiveAction"],
        "capaSubmitForVerification": ["capaConfirmImplementation"],
    }
    for name, mutations in decisions.items():
        assert "verification" in descriptions[name]
        assert all(f"`{mutation}`" in descriptions[name] for mutation in mutations)


def test_no_description_names_a_role_that_is_none() -> None:
    roles = {role.value for role in Role}
    for name, description in _mutations().items():
        (*_, last) = ["", *re.findall(r" For ([^.]*)\.$", description)]
        words = set(re.findall(r"[A-Z]+_[A-Z]+", last))
        assert words <= roles, name


def test_a_mutation_may_name_the_permission_of_another_module() -> None:
    assert invite.permission is users.MANAGE
    assert audit_findings_draft.permission is audits.DRAFT_FINDINGS


def test_no_condition_holds_the_time_at_which_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conditions are kept, so they name the time in SQL (`sql_dates`)."""

    def made() -> dict[tuple[str, Role], tuple[str, str]]:
        texts = {}
        for name, permission in PERMISSIONS.items():
            for role, limit in permission.rows.items():
                condition = limit(Access(role, has_site=True, has_department=True).caller)
                if condition is not None:
                    compiled = sa.select(sa.true()).where(condition).compile()
                    texts[name, role] = str(compiled), str(compiled.params)
        return texts

    before, later = made(), clock.now() + timedelta(days=40)
    assert len(before) > 20
    monkeypatch.setattr(clock, "now", lambda: later)
    assert made() == before


def test_a_permission_that_no_module_declares_is_refused() -> None:
    with pytest.raises(KeyError, match="user:befriend"):
        _ = replace(invite, right="user:befriend").permission
