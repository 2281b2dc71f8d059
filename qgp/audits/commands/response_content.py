"""Content and score of a response, checked against its question and template version."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from qgp.audits.facts.scoring import rounded
from qgp.kit import ids
from qgp.kit.errors import Invalid, Required
from qgp.kit.work import Work
from qgp.organizations.facts import require_site_unfiltered
from qgp.templates.facts.answer_values import stored_value
from qgp.templates.facts.checklists import Answer, score_answer, value_texts
from qgp.templates.facts.parts import options_of_unfiltered, scored_question
from qgp.users.facts import require_user_unfiltered

_POINTERS: Mapping[str, tuple[str, str, Any]] = {
    "user_id": ("usr", "userId", require_user_unfiltered),
    "site_id": ("sit", "siteId", require_site_unfiltered),
}


async def content_of(
    work: Work,
    row: Any,
    version: Any,
    *,
    value: Mapping[str, Any] | None,
    is_na: bool,
    na_reason: str | None,
    comment: str | None,
) -> dict[str, Any]:
    """Return the columns of a response that hold its content and score."""
    if is_na == bool(value):
        refused = Invalid if value else Required
        raise refused(
            "A response has either a value or isNa, and this one has both or neither. Send one of "
            "them.",
            "value",
        )
    if not is_na and na_reason:
        raise Invalid(
            "naReason was sent without isNa. A reason belongs to a question that is not "
            "applicable; leave naReason out.",
            "naReason",
        )
    columns: dict[str, Any] = {"is_na": is_na, "na_reason": na_reason, "comment": comment}
    if value is None:
        if not (row.is_na_allowed and version.is_na_allowed):
            raise Invalid("This question does not allow isNa. Send a value.", "isNa")
        if na_reason is None:
            raise Required(
                "naReason is missing. isNa requires a reason why the question is not applicable; "
                "send one.",
                "naReason",
            )
        return {**columns, "value": None, "score": None, "max_score": None, "is_failed": False}
    options = await options_of_unfiltered(work, row)
    pointed = await _pointed(work, value)
    kept = stored_value(row, [option.key for option in options], pointed)
    answer = Answer(row.id, texts=value_texts(kept))
    share, is_failed = score_answer(scored_question(row, options), answer)
    points = _points(row, share)
    return {**columns, "value": kept, "is_failed": is_failed, **points}


def _points(question: Any, share: Fraction | None) -> dict[str, Any]:
    if share is None or question.max_score is None:
        return {"score": None, "max_score": None}
    most = Fraction(question.max_score)
    return {"score": rounded(share * most), "max_score": rounded(most)}


async def _pointed(work: Work, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the value with public ids of records, which are checked to exist."""
    (kind, record_id), *_ = value.items()
    if kind not in _POINTERS:
        return value
    prefix, name, require = _POINTERS[kind]
    await require(work, record_id, "value", name)
    return {kind: ids.encode(prefix, record_id)}
