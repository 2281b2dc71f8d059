"""Mixed load while the database is killed: `python -m tests.reliability --minutes 60`."""

import argparse
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from qgp.embedded import Server
from qgp.embedded.home import erase
from tests.reliability import load
from tests.reliability.load import Journal, Reply
from tests.reliability.serving import QGP, Served, free_port, send

DOWN = 10.0  # seconds that the database stays dead
COUNT = "SELECT title, count(*) FROM findings WHERE title LIKE 'load %' GROUP BY 1"


@dataclass(frozen=True)
class Loss:
    """Times of one loss on the monotonic clock: killed, and accepting again."""

    killed: float
    back: float


def main() -> int:
    """Run, print the figures as Markdown; return 1 where something was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long")
    parser.add_argument("--losses", type=int, default=5, help="how often to kill the database")
    parser.add_argument("--rate", type=float, default=30, help="requests a second")
    arguments = parser.parse_args()
    with database() as server, tempfile.TemporaryDirectory(prefix="qgp-load-") as folder:
        served = Served(Path(folder), server.url(), free_port())
        served.run("migrate")
        served.run("seed", "demo", "--years", "2")
        log = Path(folder) / "log"
        with log.open("w") as output, served.start(output) as process:
            served.await_status("/readyz", 200)
            journal, stop = Journal(), threading.Event()
            address = f"http://127.0.0.1:{served.port}"
            worker = threading.Thread(
                target=load.run, args=(address, journal, stop), kwargs={"rate": arguments.rate}
            )
            worker.start()
            memory = [resident(process)]
            losses = []
            pause = arguments.minutes * 60 / (arguments.losses + 1)
            for _ in range(arguments.losses):
                time.sleep(pause)
                memory.append(resident(process))
                losses.append(lose(server))
            time.sleep(pause)
            memory.append(resident(process))
            stop.set()
            worker.join()
            process.send_signal(signal.SIGTERM)
            ended = process.wait(timeout=30)
        counts = written(server)
        verified = subprocess.run(
            [QGP, "audit", "verify", "--organization", "demo"], env=served.environment, check=False
        )
    report(journal, losses, memory)
    lost = [key for key in journal.acknowledged if counts.get(f"load {key}") != 1]
    doubled = [title for title, count in counts.items() if count > 1]
    print(f"| acknowledged writes lost | {len(lost)} of {len(journal.acknowledged)} |")
    print(f"| keys written twice | {len(doubled)} of {len(journal.sent)} |")
    print(f"| trail after it | {'whole' if verified.returncode == 0 else 'BROKEN'} |")
    print(f"| exit code of the process after SIGTERM | {ended} |")
    return 1 if lost or doubled or verified.returncode or ended else 0


@contextmanager
def database() -> Iterator[Server]:
    """Start a durable PostgreSQL, as in production."""
    with tempfile.TemporaryDirectory(prefix="qgp-load-db-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        try:
            with Server(folder) as server:
                yield server
        finally:
            erase(folder)


def lose(server: Server) -> Loss:
    """Kill the database with its children, leave it dead for a while, start it again."""
    killed = time.monotonic()
    send(server, signal.SIGKILL)
    time.sleep(DOWN)
    server.stop()  # reaps what was killed
    server.start()
    return Loss(killed, time.monotonic())


def written(server: Server) -> dict[str, int]:
    """Count the records by title, past row security."""
    host = str(sa.make_url(server.url()).query["host"])
    program = [
        str(server.binaries["psql"]),
        "-XAtq",
        "-F",
        "\t",
        "-h",
        host,
        "-U",
        "qgp",
        "-d",
        "qgp",
    ]
    done = subprocess.run([*program, "-c", COUNT], capture_output=True, text=True, check=True)
    rows = (line.split("\t") for line in done.stdout.splitlines())
    return {title: int(count) for title, count in rows}


def resident(process: "subprocess.Popen[str]") -> int:
    """Return the memory of a process in MiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def report(journal: Journal, losses: Sequence[Loss], memory: Sequence[int]) -> None:
    """Print what was seen."""
    calm = [reply for reply in journal.replies if not any(_is_near(reply, loss) for loss in losses)]
    print("| | |\n|---|---|")
    print(f"| requests | {len(journal.replies)} |")
    for kind in ("read", "write", "healthz"):
        times = sorted(reply.ms for reply in calm if reply.kind == kind)
        print(f"| {kind}, database up: p50, p99, most | {_percentiles(times)} |")
    calm_faults = Counter(f"{r.status} {r.code}" for r in calm if r.status != 200 or r.code)
    print(f"| answers other than 200, database up | {dict(calm_faults)} |")
    faults = Counter(f"{r.status} {r.code}" for r in journal.replies if r.status != 200)
    print(f"| answers other than 200, in all | {dict(faults)} |")
    print(f"| no answer | {dict(journal.texts)} |")
    alive = [r for r in journal.replies if r.kind == "healthz"]
    slow = max(reply.ms for reply in alive)
    print(
        f"| healthz: other than 200; most | {sum(r.status != 200 for r in alive)}; {slow:.0f} ms |"
    )
    for number, loss in enumerate(losses, 1):
        print(f"| loss {number} | {_summary(journal.replies, loss)} |")
    print(f"| memory of the process, MiB | {', '.join(map(str, memory))} |")


def _is_near(reply: Reply, loss: Loss) -> bool:
    return loss.killed - 1 < reply.at < loss.back + 6


def _percentiles(times: Sequence[float]) -> str:
    cuts = statistics.quantiles(times, n=100)
    return f"{cuts[49]:.1f}, {cuts[98]:.1f}, {times[-1]:.0f} ms ({len(times)})"


def _summary(replies: Sequence[Reply], loss: Loss) -> str:
    """Return the seconds until the loss and the return were noticed."""

    def first(kind: str, status: int, since: float) -> str:
        times = [
            r.at - since for r in replies if (r.kind, r.status) == (kind, status) and r.at > since
        ]
        return f"{min(times):.2f} s" if times else "never"

    longest = max(
        (r.ms for r in replies if r.status == 503 and loss.killed < r.at < loss.back), default=0
    )
    return (
        f"readyz 503 after {first('readyz', 503, loss.killed)}, longest refusal {longest:.0f} ms; "
        f"back: readyz 200 after {first('readyz', 200, loss.back)}, first read "
        f"{first('read', 200, loss.back)}, first write {first('write', 200, loss.back)}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
