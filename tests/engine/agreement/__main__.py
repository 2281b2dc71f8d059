"""`python -m tests.engine.agreement --operations 20000 --seed 1`, with a PostgreSQL of its own."""

import argparse
import asyncio
import os
import sys
import warnings
from functools import partial
from tempfile import TemporaryDirectory

import sqlalchemy as sa
import structlog
from alembic import command

from qgp import migrations
from qgp.embedded.join import temporary
from tests.engine.agreement.comparison import Judge
from tests.engine.agreement.comparison_run import Findings, differs, run
from tests.engine.agreement.people import NAMES, TURNS
from tests.engine.agreement.read_path import ReadPath
from tests.engine.agreement.report import Progress, disagreement, summary
from tests.engine.agreement.shrinking import shrunk
from tests.engine.agreement.stage import set_up
from tests.environment import TEMPLATE
from tests.seeded import FOLDER


def main() -> int:
    """Compare both paths; return 1 if they disagree or nothing was planned."""
    parser = argparse.ArgumentParser(prog="python -m tests.engine.agreement", description=__doc__)
    parser.add_argument("--operations", type=int, default=2_000, help="how many to compare")
    parser.add_argument("--seed", type=int, default=1, help="decides which")
    parser.add_argument("--people", nargs="+", default=TURNS, choices=NAMES, help="who asks")
    parser.add_argument("--stop-after", type=int, default=5, help="disagreements that are enough")
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    warnings.simplefilter("error")
    with temporary() as server, TemporaryDirectory(prefix="qgp-agreement-") as folder:
        server.create_database(TEMPLATE)
        os.environ |= {"DATABASE_URL": server.url(TEMPLATE), FOLDER: folder}
        command.upgrade(migrations.config(), "head")
        return asyncio.run(_judge(sa.make_url(server.url("postgres")), options))


async def _judge(url: sa.URL, options: argparse.Namespace) -> int:
    stage = await set_up(url, "agreement", spots=2)
    async with Judge(stage.resolvers, stage.planned) as judge:
        findings = await run(
            stage,
            judge,
            count=options.operations,
            seed=options.seed,
            names=options.people,
            progress=Progress(options.operations),
            enough=lambda state: len(state.disagreements) >= options.stop_after,
        )
        await _tell(judge, findings)
    await stage.close()
    is_idle = findings.paths[ReadPath.RESOLVERS] == findings.count
    if is_idle:
        sys.stdout.write("Nothing was planned, so nothing was compared.\n")
    return 1 if findings.disagreements or is_idle else 0


async def _tell(judge: Judge, findings: Findings) -> None:
    seen = set()
    for case, verdict in findings.disagreements:
        still = partial(differs, judge, case)
        small, difference = await shrunk(case.request, verdict, still)
        if small.document not in seen:
            sys.stdout.write(disagreement(case, small, difference))
        seen.add(small.document)
    sys.stdout.write(summary(findings) + "\n")


if __name__ == "__main__":
    sys.exit(main())
