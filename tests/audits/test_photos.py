"""Where a checklist asks for it, a photo shows what fails."""

from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from tests.attachments.uploads import add, delete, promise
from tests.audits.asking import answer, blockers, read, respond, take
from tests.audits.audit_records import AuditRecords, asked
from tests.company import Company, subject_id
from tests.evidence import unchanged
from tests.files.samples import PDF, PNG

STEP, CODE = "auditCompleteFieldwork", "ON_FAIL_ACTIONS_DONE"
STEPS = "availableTransitions { name blockers { code subject { id } message } }"


async def test_a_failing_answer_has_a_photo_where_the_checklist_asks_for_it(
    company: Company, audit_records: AuditRecords
) -> None:
    checklist = await audit_records.checklist(asked(), asked(), is_photo_required_on_fail=True)
    first, second = checklist.questions
    lead = await company.hire(Role.LEAD_AUDITOR)
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    async with lead.signed_in() as api:
        results = await respond(api, audit, answer(first, value="NO"), answer(second, value="YES"))
        one = results[0]["auditResponse"]["id"]
        shown = (await read(api, audit, STEPS))["availableTransitions"]
        (blocker,) = next(option["blockers"] for option in shown if option["name"] == STEP)
        assert (blocker["code"], subject_id(blocker)) == (CODE, one)
        assert blocker["message"].endswith(
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
