"""Execution of a CSV import in one unit of work, with its problems by row and column.

Each row goes through the service of the mutation that creates one record, some together in a
savepoint. If one is refused, it and those around it are tried apart, so that the outcome lists
every problem at once. A dry run does the same and rolls back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from qgp.kit import reference_numbers
from qgp.kit.context import Context
from qgp.kit.csv_dialect import CsvDialect
from qgp.kit.csv_table import Problem
from qgp.kit.gql.csv_records import CsvDuplicates, RowWriter
from qgp.kit.gql.csv_rows import MOST_PROBLEMS, ParsedFile, Watch, write_rows
from qgp.kit.gql.inputs import InputField
from qgp.kit.gql.retries import retried
from qgp.kit.idempotency import BatchOutcome, counts_in, once
from qgp.kit.work import Work

_KEY = InputField()


@dataclass(frozen=True)
class ImportOptions:
    """Parameters of an import.

    Attributes:
        is_dry_run: whether to roll back in any case.
        dialect: the declared form of the file.
        key: the idempotency key; a dry run, which writes nothing, ignores it.
        duplicates: treatment of rows whose former reference a record has already.
    """

    is_dry_run: bool
    dialect: CsvDialect = field(default_factory=CsvDialect)
    key: str | None = None
    duplicates: CsvDuplicates = CsvDuplicates.REFUSE


def key_of(text: str | None) -> str | None:
    """Return an idempotency key.

    Raises:
        Invalid: it breaks its rule.
    """
    return None if text is None else str(_KEY.read(text, "idempotencyKey"))


@dataclass(frozen=True)
class Outcome:
    """Outcome of an import.

    Attributes:
        rows: rows of the file, without the header and blank ones.
        created: records written.
        updated: rows whose records were there already and have the values of the file now.
        skipped: rows whose records were there already and stay as they are.
        problems: the first ones by row and column; nothing is written unless it is empty.
        problem_count: number of all problems.
    """

    rows: int
    created: int = 0
    updated: int = 0
    skipped: int = 0
    problems: Sequence[Problem] = ()
    problem_count: int = 0


class _RolledBack(Exception):
    """The unit of work is to be rolled back."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True)
class Writing:
    """Writing of a parsed file.

    Attributes:
        make_writer: returns the writer of the rows for one unit of work.
        watch: called with the number of rows tried so far.
    """

    file: ParsedFile
    make_writer: Callable[[], RowWriter]
    watch: Watch
    options: ImportOptions

    async def run(self, context: Context, name: str) -> Outcome:
        """Write all rows, or none if any has a problem.

        Args:
            context: of the operation.
            name: of the mutation, in camelCase, for the audit trail.
        """
        options, rows = self.options, self.file.size
        fingerprint = f"{name}{options.dialect}{options.duplicates}{self.file.sha256}"

        async def act(work: Work) -> UUID:
            if options.is_dry_run:
                return (await self._write(work)).id
            return await once(work, options.key, fingerprint, partial(self._write, work))

        try:
            outcome_id = await retried(context, name, act)
        except _RolledBack as end:
            problems = end.problems[:MOST_PROBLEMS]
            return Outcome(rows, problems=problems, problem_count=len(end.problems))
        return Outcome(rows, *counts_in(outcome_id))

    async def _write(self, work: Work) -> BatchOutcome:
        work.passed = set()
        reference_numbers.postpone(work.session)
        writer = self.make_writer()
        problems = await write_rows(work, self.file, writer, self.watch)
        if problems or self.options.is_dry_run:
            raise _RolledBack(problems)
        await reference_numbers.settle(work.session)
        return BatchOutcome.of(*(writer.counts[name] for name in ("created", "updated", "skipped")))
