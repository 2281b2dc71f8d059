"""The options and clauses of a question, written and replaced as a whole."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.decimals import fits
from qgp.kit.errors import Invalid, OutOfRange, TooLong, between, max_items
from qgp.kit.work import Work
from qgp.standards.facts import require_in_use
from qgp.templates.model import Question, QuestionClause, QuestionOption

MOST_CLAUSES = 50
Options = Sequence[dict[str, Any]]


async def write_options(work: Work, question: Question, options: Options) -> None:
    """Write the options of a new question.

    Raises:
        Invalid: two of them have one key, or a score is out of range.
    """
    _fit(options)
    rows = [
        QuestionOption(question_id=question.id, position=place, **option)
        for place, option in enumerate(options)
    ]
    if rows:
        await work.add(*rows)


async def rewrite_options(
    work: Work, question: Question, here: Sequence[QuestionOption], options: Options
) -> bool:
    """Replace the options, each known by its key; say whether anything differs.

    Raises:
        Invalid: see `write_options`.
    """
    _fit(options)
    known = {option.key: option for option in here}
    wanted = {option["key"]: {**option, "position": n} for n, option in enumerate(options)}
    gone = [option for key, option in known.items() if key not in wanted]
    changed = [
        key
        for key, values in wanted.items()
        if key not in known
        or any(getattr(known[key], name) != value for name, value in values.items())
    ]
    await work.remove(*gone)
    for key in changed:
        if key in known:
            await work.change(known[key], wanted[key])
        else:
            await work.add(QuestionOption(question_id=question.id, **wanted[key]))
    return bool(gone or changed)


async def write_clauses(work: Work, question: Question, clause_ids: Sequence[UUID]) -> None:
    """Write which clauses a new question asks after.

    Raises:
        Invalid: a clause twice, more than 50, or one that is withdrawn.
        NotFound: no such clause in this organization.
    """
    await _usable(work, clause_ids, known=frozenset())
    rows = [QuestionClause(question_id=question.id, clause_id=id) for id in clause_ids]
    if rows:
        await work.add(*rows)


async def rewrite_clauses(work: Work, question: Question, clause_ids: Sequence[UUID]) -> bool:
    """Replace the clauses of a question; say whether anything differs.

    Raises:
        Invalid, NotFound: see `write_clauses`.
    """
    own = sa.select(QuestionClause).where(QuestionClause.question_id == question.id)
    known = {link.clause_id: link for link in await work.rows(own)}
    await _usable(work, clause_ids, known=frozenset(known))
    gone = [link for id, link in known.items() if id not in clause_ids]
    new = [id for id in clause_ids if id not in known]
    await work.remove(*gone)
    if new:
        await work.add(*[QuestionClause(question_id=question.id, clause_id=id) for id in new])
    return bool(gone or new)


def _fit(options: Options) -> None:
    keys = [option["key"] for option in options]
    for place, option in enumerate(options):
        if option["key"] in keys[:place]:
            told = "Another option has this key. Each has one of its own."
            raise Invalid(told, "options", str(place), "key")
        score: Decimal | None = option["score"]
        if score is not None and not (score >= 0 and fits(score, whole=6, places=3)):
            told = "A score is 0 or more, less than a million, with up to 3 decimal places."
            raise OutOfRange(
                told, "options", str(place), "score", constraint=between(0, "999999.999")
            )


async def _usable(work: Work, clause_ids: Sequence[UUID], *, known: frozenset[UUID]) -> None:
    """Check the clauses; what the question names already may have been withdrawn since."""
    if len(set(clause_ids)) < len(clause_ids):
        raise Invalid("Name each clause once.", "clauseIds")
    if len(clause_ids) > MOST_CLAUSES:
        raise TooLong(
            f"A question names at most {MOST_CLAUSES} clauses.",
            "clauseIds",
            constraint=max_items(MOST_CLAUSES),
        )
    await require_in_use(work, {id: "clauseIds" for id in clause_ids if id not in known})
