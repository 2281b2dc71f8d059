"""Changing the library: adopt, write, map, assess."""

from datetime import date

import strawberry

from qgp.kit.gql import (
    PROSE,
    command,
    create,
    given,
    key_field,
    mutations_of,
    step,
    update,
)
from qgp.standards import policy, workflow
from qgp.standards.commands import clauses, standards
from qgp.standards.loaders import assessment_by_id, clause_by_id, mapping_by_id, standard_by_id
from qgp.standards.model.terms import (
    Conformity,
    Implementation,
    JustificationBasis,
    MappingRelation,
)
from qgp.standards.types import Clause, ClauseAssessment, Standard


@strawberry.input(description="An edition to copy from the shipped catalogue.")
class StandardAdoptInput:
    """An edition to copy."""

    family_code: str = given("As in `standardCatalogue`, e.g. ISO9001.")
    edition: str = given("As in `standardCatalogue`, e.g. 2015.")
    idempotency_key: str | None = key_field()


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


standard_adopt = command(
    standards.adopt,
    takes=StandardAdoptInput,
    may=policy.MANAGE,
    returns=standard_by_id,
    description="Copy a shipped edition, its clauses and its mappings into your library.",
    creates=True,
)
standard_create = create(
    Standard,
    policy.MANAGE,
    standards.create,
    returns=standard_by_id,
    description="Add a standard of your own, as a draft.",
)
standard_update = update(
    Standard,
    policy.MANAGE,
    standards.update,
    returns=standard_by_id,
    description="Change what your library says of a standard.",
)
standard_transitions = mutations_of(workflow.STANDARD, standard_by_id)
clause_create = create(
    Clause,
    policy.MANAGE,
    clauses.create_clause,
    returns=clause_by_id,
    description="Add a clause to a standard of your own.",
)
clause_update = update(
    Clause,
    policy.MANAGE,
    clauses.update_clause,
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
    standards.propose_mapping,
    takes=ClauseMappingProposeInput,
    may=policy.MANAGE,
    returns=mapping_by_id,
    description="Suggest how a clause answers one of another standard.",
    creates=True,
)
clause_mapping_transitions = mutations_of(workflow.MAPPING, mapping_by_id)
clause_assess = command(
    standards.assess,
    takes=ClauseAssessInput,
    may=policy.ASSESS,
    returns=assessment_by_id,
    description="Assess a clause for the first time, for a site or the whole organization.",
    creates=True,
)
clause_assessment_update = update(
    ClauseAssessment,
    policy.ASSESS,
    standards.reassess,
    returns=assessment_by_id,
    description="Assess a clause again; the trail keeps how it stood.",
)
