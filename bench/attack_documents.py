"""Measure what it costs to refuse each attack document, in milliseconds of CPU.

    .venv/bin/python -m bench.attack_documents

Every document is refused eleven times, with a comment that makes it new to the caches; the median
and the slowest are printed. Exit 1 if a median is above the 20 ms that are promised.
"""

import asyncio
import gc
import statistics
import sys
import time

from graphql import GraphQLError

from tests.http.attacks import ATTACKS
from tests.http.serving import guarded

PROMISED_MS = 20


async def refuse(query: str, rounds: int = 11) -> tuple[list[float], str]:
    """Return the milliseconds of each refusal, and the code."""
    schema = guarded()
    gc.collect()
    gc.freeze()  # as the application does once its schema stands
    taken = []
    for number in range(rounds):
        began = time.process_time()
        name = "Q1" if "query Q1" in query else None
        result = await schema.execute(f"{query}#{number}", operation_name=name)
        taken.append((time.process_time() - began) * 1000)
    [error] = result.errors or [GraphQLError("served")]
    return taken, str((error.extensions or {}).get("code"))


async def main() -> int:
    slow = 0
    print(f"{'document':28} {'bytes':>7} {'median ms':>10} {'max ms':>8}  code")
    for name, query in ATTACKS.items():
        taken, code = await refuse(query)
        median = statistics.median(taken)
        slow += median > PROMISED_MS
        print(f"{name:28} {len(query):7,} {median:10.2f} {max(taken):8.2f}  {code}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
