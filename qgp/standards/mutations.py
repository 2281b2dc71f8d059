"""Changing the library: adopt, write, map, assess."""

import strawberry

from qgp.kit.gql import (
    command,
    create,
    input_field,
    input_type,
    key_field,
    mutations_of,
    update,
)
from qgp.standards import policy, workflow
from qgp.standards.commands import clauses, standards
from qgp.standards.loaders import clause_by_id, standard_by_id
from qgp.standards.types import Clause, ClauseAssessment, ClauseMapping, Standard


@input_type
class StandardAdoptInput:
    """An edition to copy from the shipped catalogue."""

    family_code: str = input_field("As in `standardCatalogue`, e.g. ISO9001.")
    edition: str = input_field("As in `standardCatalogue`, e.g. 2015.")
    idempotency_key: str | None = key_field()


class ClauseMappingFields:
    """Fields of a new record beside those of its type."""

    from_clause_id: strawberry.ID = input_field("The clause it starts at.", id_of="cls")
    to_clause_id: strawberry.ID = input_field("The clause of another standard.", id_of="cls")


standard_adopt = command(
    standards.adopt,
    input=StandardAdoptInput,
    permission=policy.MANAGE,
    result=standard_by_id,
    description="Copy a shipped edition, its clauses and its mappings into your library.",
    creates=True,
)
standard_create = create(
    Standard, policy.MANAGE, standards.create, description="Add a standard of your own, as a draft."
)
standard_update = update(
    Standard,
    policy.MANAGE,
    standards.update,
    description="Change what your library says of a standard.",
)
standard_transitions = mutations_of(workflow.STANDARD)
clause_create = create(
    Clause,
    policy.MANAGE,
    clauses.create_clause,
    description="Add a clause to a standard of your own.",
)
clause_update = update(
    Clause,
    policy.MANAGE,
    clauses.update_clause,
    description="Change a clause; number and place of adopted ones stay.",
)
clause_withdraw = command(
    clauses.withdraw_clause,
    permission=policy.MANAGE,
    result=clause_by_id,
    description="Take a clause out of use; its assessments stay.",
)
clause_mapping_propose = create(
    ClauseMapping,
    policy.MANAGE,
    standards.propose_mapping,
    description="Suggest how a clause answers one of another standard.",
    more=ClauseMappingFields,
)
clause_mapping_transitions = mutations_of(workflow.MAPPING)
clause_assess = create(
    ClauseAssessment,
    policy.ASSESS,
    standards.assess,
    description="Assess a clause for the first time, for a site or the whole organization.",
)
clause_assessment_update = update(
    ClauseAssessment,
    policy.ASSESS,
    standards.reassess,
    description="Assess a clause again; the trail keeps how it stood.",
)
