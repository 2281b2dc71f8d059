"""Changing the library: adopt, write, map, assess."""

from datetime import date

import strawberry

from qgp.kit.gql import LONGEST_URL, PROSE, URL, command, given, key_field, step, version_field
from qgp.standards import clauses, policy, service
from qgp.standards.enums import (
    AnnexSlTheme,
    Conformity,
    ControlTheme,
    ControlType,
    Implementation,
    JustificationBasis,
    MappingRelation,
    SecurityProperty,
    StandardKind,
)
from qgp.standards.loaders import assessment_by_id, clause_by_id, mapping_by_id, standard_by_id

CODE = (r"[A-Za-z0-9][A-Za-z0-9._-]*", "letters, digits, dots, dashes, no spaces")
NUMBER = (r"[A-Za-z0-9][A-Za-z0-9.()/-]*", "a clause number, for example 8.5.1 or A.5.7")


@strawberry.input(description="An edition to copy from the shipped catalogue.")
class StandardAdoptInput:
    """An edition to copy."""

    family_code: str = given("As in `standardCatalogue`, e.g. ISO9001.")
    edition: str = given("As in `standardCatalogue`, e.g. 2015.")
    idempotency_key: str | None = key_field()


@strawberry.input(description="A standard of your own.")
class StandardCreateInput:
    """A standard of the organization's own."""

    family_code: str = given("What its editions have in common.", most=64, shape=CODE)
    edition: str = given("The edition, usually a year.", most=40, shape=CODE)
    title: str = given("A short title, 1 to 200 characters.")
    kind: StandardKind = given("What sort of document it is.")
    publisher: str | None = given("Who publishes it.", default=None)
    published_on: date | None = given("When it was published.", default=None)
    transition_deadline: date | None = given("Last day of the edition it replaces.", default=None)
    source_url: URL | None = given("Where its text is to be had.", most=LONGEST_URL, default=None)
    licence_note: str | None = given("What may be copied from it.", most=2000, default=None)
    supersedes_id: strawberry.ID | None = given(
        "The edition it replaces.", id_of="std", default=None
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a standard; what you leave out stays, null clears.")
class StandardUpdateInput:
    """Changes to a standard."""

    id: strawberry.ID = given("The standard.", id_of="std")
    expected_version: int = version_field()
    title: strawberry.Maybe[str] = given("A short title.")
    publisher: strawberry.Maybe[str | None] = given("Who publishes it.")
    published_on: strawberry.Maybe[date | None] = given("When it was published.")
    transition_deadline: strawberry.Maybe[date | None] = given(
        "Last day of the edition it replaces."
    )
    source_url: strawberry.Maybe[URL | None] = given(
        "Where its text is to be had.", most=LONGEST_URL
    )
    licence_note: strawberry.Maybe[str | None] = given("What may be copied from it.", most=2000)
    supersedes_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The edition it replaces.", id_of="std"
    )


@strawberry.input(description="A clause of a standard of your own.")
class ClauseCreateInput:
    """A clause of an own standard."""

    standard_id: strawberry.ID = given("A standard of your own.", id_of="std")
    parent_id: strawberry.ID | None = given("The clause above.", id_of="cls", default=None)
    number: str = given("Its number, unique in the standard.", most=64, shape=NUMBER)
    title: str = given("A short title, 1 to 200 characters.")
    summary: str | None = given("What to look for.", most=PROSE, default=None)
    text: str | None = given("The wording, if you may copy it.", most=PROSE, default=None)
    is_requirement: bool = given("Whether it can be assessed.", default=True)
    theme: AnnexSlTheme | None = given("Its subject.", default=None)
    control_theme: ControlTheme | None = given("How the control acts.", default=None)
    control_types: list[ControlType] = given("When the control acts.", default_factory=list)
    security_properties: list[SecurityProperty] = given("What it protects.", default_factory=list)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a clause; what you leave out stays, null clears.")
class ClauseUpdateInput:
    """Changes to a clause."""

    id: strawberry.ID = given("The clause.", id_of="cls")
    expected_version: int = version_field()
    number: strawberry.Maybe[str] = given(
        "Its number; only in standards of your own.", most=64, shape=NUMBER
    )
    title: strawberry.Maybe[str] = given("A short title.")
    summary: strawberry.Maybe[str | None] = given("What to look for.", most=PROSE)
    text: strawberry.Maybe[str | None] = given("The wording, if you may copy it.", most=PROSE)
    is_requirement: strawberry.Maybe[bool] = given("Whether it can be assessed.")
    theme: strawberry.Maybe[AnnexSlTheme | None] = given("Its subject.")
    control_theme: strawberry.Maybe[ControlTheme | None] = given("How the control acts.")
    control_types: strawberry.Maybe[list[ControlType]] = given("When the control acts.")
    security_properties: strawberry.Maybe[list[SecurityProperty]] = given("What it protects.")
    parent_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The clause above; only in standards of your own. What lies below moves along.",
        id_of="cls",
    )


@strawberry.input(description="A suggestion how a clause answers one of another standard.")
class ClauseMappingProposeInput:
    """A suggested mapping."""

    from_clause_id: strawberry.ID = given("Where it starts.", id_of="cls")
    to_clause_id: strawberry.ID = given("Where it ends, in another standard.", id_of="cls")
    relation: MappingRelation = given("How their demands relate.")
    strength: int = given("0 to 100: how far meeting one shows meeting the other.")
    note: str | None = given("Why you think so.", most=PROSE, default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="A first assessment of a clause.")
class ClauseAssessInput:
    """A first assessment."""

    clause_id: strawberry.ID = given("A clause that can be assessed.", id_of="cls")
    site_id: strawberry.ID | None = given(
        "The site it holds for; leave out for the whole organization.", id_of="sit", default=None
    )
    is_applicable: bool = given("Whether it applies; if not, say why.", default=True)
    justification: str | None = given("Why it does, or does not.", most=PROSE, default=None)
    justification_basis: list[JustificationBasis] = given(
        "What the justification rests on.", default_factory=list
    )
    implementation: Implementation = given(
        "How far it is in practice.", default=Implementation.NOT_STARTED
    )
    conformity: Conformity = given("Whether it is met.", default=Conformity.NOT_ASSESSED)
    maturity: int | None = given("0 (nothing) to 5 (optimising).", default=None)
    target_on: date | None = given("When it is to be in practice.", default=None)
    owner_id: strawberry.ID | None = given("Who answers for it.", id_of="usr", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="A new assessment; what you leave out stays, null clears.")
class ClauseAssessmentUpdateInput:
    """A new assessment of the same clause."""

    id: strawberry.ID = given("The assessment.", id_of="asm")
    expected_version: int = version_field()
    is_applicable: strawberry.Maybe[bool] = given("Whether it applies.")
    justification: strawberry.Maybe[str | None] = given("Why it does, or does not.", most=PROSE)
    justification_basis: strawberry.Maybe[list[JustificationBasis]] = given(
        "What the justification rests on."
    )
    implementation: strawberry.Maybe[Implementation] = given("How far it is in practice.")
    conformity: strawberry.Maybe[Conformity] = given("Whether it is met.")
    maturity: strawberry.Maybe[int | None] = given("0 to 5.")
    target_on: strawberry.Maybe[date | None] = given("When it is to be in practice.")
    owner_id: strawberry.Maybe[strawberry.ID | None] = given("Who answers for it.", id_of="usr")


standard_adopt = command(
    service.adopt,
    takes=StandardAdoptInput,
    may=policy.MANAGE,
    returns=standard_by_id,
    description="Copy a shipped edition, its clauses and its mappings into your library.",
    creates=True,
)
standard_create = command(
    service.create,
    takes=StandardCreateInput,
    may=policy.MANAGE,
    returns=standard_by_id,
    description="Add a standard of your own, as a draft.",
    creates=True,
)
standard_update = command(
    service.update,
    takes=StandardUpdateInput,
    may=policy.MANAGE,
    returns=standard_by_id,
    description="Change what your library says of a standard.",
)
standard_activate = command(
    service.activate,
    takes=step("std"),
    may=policy.MANAGE,
    returns=standard_by_id,
    description="Put a standard in force.",
)
standard_supersede = command(
    service.supersede,
    takes=step("std"),
    may=policy.MANAGE,
    returns=standard_by_id,
    description="Say that a newer edition has taken the standard's place.",
)
standard_withdraw = command(
    service.withdraw,
    takes=step("std"),
    may=policy.MANAGE,
    returns=standard_by_id,
    description="Take a standard out of use; its assessments stay.",
)
clause_create = command(
    clauses.create_clause,
    takes=ClauseCreateInput,
    may=policy.MANAGE,
    returns=clause_by_id,
    description="Add a clause to a standard of your own.",
    creates=True,
)
clause_update = command(
    clauses.update_clause,
    takes=ClauseUpdateInput,
    may=policy.MANAGE,
    returns=clause_by_id,
    description="Change a clause; number and place of adopted ones stay.",
)
clause_withdraw = command(
    clauses.withdraw_clause,
    takes=step("cls"),
    may=policy.MANAGE,
    returns=clause_by_id,
    description="Take a clause out of use; its assessments stay.",
)
clause_mapping_propose = command(
    service.propose_mapping,
    takes=ClauseMappingProposeInput,
    may=policy.MANAGE,
    returns=mapping_by_id,
    description="Suggest how a clause answers one of another standard.",
    creates=True,
)
clause_mapping_confirm = command(
    service.confirm_mapping,
    takes=step("map"),
    may=policy.MANAGE,
    returns=mapping_by_id,
    description="Agree with a mapping.",
)
clause_mapping_reject = command(
    service.reject_mapping,
    takes=step("map"),
    may=policy.MANAGE,
    returns=mapping_by_id,
    description="Disagree with a mapping; it stays, so that it is not suggested again.",
)
clause_assess = command(
    service.assess,
    takes=ClauseAssessInput,
    may=policy.ASSESS,
    returns=assessment_by_id,
    description="Assess a clause for the first time, for a site or the whole organization.",
    creates=True,
)
clause_assessment_update = command(
    service.reassess,
    takes=ClauseAssessmentUpdateInput,
    may=policy.ASSESS,
    returns=assessment_by_id,
    description="Assess a clause again; the trail keeps how it stood.",
)
