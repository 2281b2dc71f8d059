"""What signatures seal, as the workflows declare it."""

import pytest

from qgp.kit.model import records
from qgp.kit.sealing import seal_of
from qgp.kit.subjects import subjects_of
from qgp.kit.workflow import Stateful
from qgp.signatures.model import Signature
from tests.kit.built import BUILT

assert BUILT  # all modules declare their workflows
STATEFUL = [kind for _, kind in sorted(records().items()) if issubclass(kind, Stateful)]
# Steps that undo what was signed: the next signature seals it anew.
UNDOING = {"auditReturn", "findingReopen", "findingRevokeConcession", "capaReopen"}
UNDOING |= {"capaRecordIneffective", "actionReject", "findingApproveRegrade"}
NEVER_SEALED = {"status", "due_on", "original_due_on", "owner_id", "response_due_on"}
NEVER_SEALED |= {"closure_due_on", "effectiveness_due_on", "approved_on", "reported_on"}


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model.__name__)
def test_later_steps_change_nothing_that_a_signature_seals(model: type[Stateful]) -> None:
    """So the ordinary life of a record leaves its signatures VALID."""
    moves = model.workflow.transitions.values()
    for signed in moves:
        seal = signed.seals or model.workflow.seals
        if signed.signature is None or seal is None:
            continue
        assert not NEVER_SEALED & {*seal.columns}, signed.name
        later = [move for move in moves if move is not signed and move.name not in UNDOING]
        reached = {signed.target}
        while new := {move.target for move in later if reached & move.sources} - reached:
            reached |= new
        for move in later:
            inputs = {part.column or part.name for part in move.inputs}
            if move.sources <= reached and move.signature is None:
                assert not {*move.sets, *inputs} & {*seal.columns}, (signed.name, move.name)


def test_each_record_that_can_be_signed_declares_its_content() -> None:
    for loader in subjects_of(Signature):
        seal = seal_of(loader.model)
        assert {*seal.columns} <= {*loader.model.__table__.c.keys()}
        assert issubclass(loader.model, Stateful) == bool(seal.columns), loader.model
