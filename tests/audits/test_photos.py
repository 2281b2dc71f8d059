"""Where a checklist asks for it, a photo shows what fails."""

from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from tests.attachments.uploads import add, delete, promise
from tests.audits.asking import answer, blockers, read, respond, take
from tests.audits.room import Room, asked
from tests.company import Company, subject_id
from tests.evidence import unchanged
from tests.files.samples import PDF, PNG

STEP, CODE = "auditCompleteFieldwork", "ON_FAIL_ACTIONS_DONE"
STEPS = "availableTransitions { name blockers { code subject { id } message } }"


async def test_a_failing_answer_has_a_photo_where_the_checklist_asks_for_it(
    company: Company, room: Room
) -> None:
    checklist = await room.checklist(asked(), asked(), is_photo_required_on_fail=True)
    first, second = checklist.questions
    lead = await company.hire(Role.LEAD_AUDITOR)
    team = [(lead.user_id, "LEAD")]
    audit = await room.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    async with lead.signed_in() as api:
        found = await respond(api, audit, answer(first, value="NO"), answer(second, value="YES"))
        one = found[0]["auditResponse"]["id"]
        shown = (await read(api, audit, STEPS))["availableTransitions"]
        (way,) = next(option["blockers"] for option in shown if option["name"] == STEP)
        assert (way["code"], subject_id(way)) == (CODE, one)
        assert way["message"].endswith(
            "The template version requires a photo. Attach an image to this response "
            "(fileUploadCreate with its id as subjectId)."
        )
        await add(api, one, PDF)
        await add(api, audit.public_id, PNG)
        await promise(api, one, PNG)
        async with unchanged(company):
            assert blockers(await take(api, STEP, audit)) == [(CODE, one)]
        photo = await add(api, one, PNG + bytes(1))
        shown = await read(
            api, audit, "responses { nodes { attachments { nodes { contentType } } } }"
        )
        files = shown["responses"]["nodes"][0]["attachments"]["nodes"]
        assert [file["contentType"] for file in files] == ["application/pdf", None, "image/png"]
        await delete(api, photo)
        assert blockers(await take(api, STEP, audit)) == [(CODE, one)]
        await add(api, one, PNG)
        payload = await take(api, STEP, audit)
        assert payload["audit"]["status"] == "FIELDWORK_DONE"
