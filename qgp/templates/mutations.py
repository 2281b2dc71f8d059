"""Writing templates, and what becomes of their versions."""

from qgp.kit.gql import command, create, mutations_of, step, update
from qgp.templates import policy, questions, sections, service, workflow
from qgp.templates.inputs import (
    QuestionCreateFields,
    QuestionMoveInput,
    QuestionUpdateFields,
    SectionCreateFields,
    SectionMoveInput,
    SectionUpdateFields,
    TemplateVersionDraftInput,
)
from qgp.templates.loaders import (
    question_by_id,
    section_by_id,
    template_by_id,
    template_version_by_id,
)
from qgp.templates.types import AuditTemplate, Question, Section, TemplateVersion

audit_template_create = create(
    AuditTemplate,
    policy.WRITE,
    service.create,
    returns=template_by_id,
    description="Begin a template; `templateVersionDraft` then begins its first version.",
)
audit_template_update = update(
    AuditTemplate,
    policy.WRITE,
    service.change,
    returns=template_by_id,
    description="Change what a template says of itself; its versions stay as they are.",
)
audit_template_archive = command(
    service.archive,
    takes=step("tpl"),
    may=policy.WRITE,
    returns=template_by_id,
    description="Put a template out of use: no version of it is drafted or published any more.",
)
audit_template_restore = command(
    service.restore,
    takes=step("tpl"),
    may=policy.WRITE,
    returns=template_by_id,
    description="Take an archived template back into use.",
)
template_version_draft = command(
    service.draft,
    takes=TemplateVersionDraftInput,
    may=policy.WRITE,
    returns=template_version_by_id,
    description="Begin the next version, a copy of the published one; the first is empty.",
    creates=True,
)
template_version_update = update(
    TemplateVersion,
    policy.WRITE,
    service.change_version,
    returns=template_version_by_id,
    description="Change how the audits of a DRAFT are scored, and what their answers need.",
)
template_version_transitions = mutations_of(workflow.VERSION, template_version_by_id)
section_create = create(
    Section,
    policy.WRITE,
    sections.create,
    returns=section_by_id,
    description="Add a section to a DRAFT.",
    more=SectionCreateFields,
)
section_update = update(
    Section,
    policy.WRITE,
    sections.change,
    returns=section_by_id,
    description="Change a section of a DRAFT.",
    more=SectionUpdateFields,
)
section_move = command(
    sections.move,
    takes=SectionMoveInput,
    may=policy.WRITE,
    returns=section_by_id,
    description="Put a section of a DRAFT behind another one, or first.",
)
section_delete = command(
    sections.delete,
    takes=step("sec"),
    may=policy.WRITE,
    returns=section_by_id,
    description="Take a section out of a DRAFT, with all its questions.",
    deletes=True,
)
question_create = create(
    Question,
    policy.WRITE,
    questions.create,
    returns=question_by_id,
    description="Add a question to a section of a DRAFT.",
    more=QuestionCreateFields,
)
question_update = update(
    Question,
    policy.WRITE,
    questions.change,
    returns=question_by_id,
    description="Change a question of a DRAFT; options and clauses are replaced as a whole.",
    more=QuestionUpdateFields,
)
question_move = command(
    questions.move,
    takes=QuestionMoveInput,
    may=policy.WRITE,
    returns=question_by_id,
    description="Put a question of a DRAFT behind another one or first, in any section.",
)
question_delete = command(
    questions.delete,
    takes=step("qst"),
    may=policy.WRITE,
    returns=question_by_id,
    description="Take a question out of a DRAFT.",
    deletes=True,
)
