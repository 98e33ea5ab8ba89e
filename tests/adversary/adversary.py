"""Hostile input by the thousand: what the program makes of films, models and tables.

    python tests/adversary/adversary.py [--seed N] [--films 10000] [--models 500] [--tables 500]
 [--only KIND NUMBER]

Every trial takes a sound input, spoils it where its structure makes that interesting, and shows it
to the program. `ok` is an input that is read as it should be, `told` one that is refused or doubted
with a sentence; all else is a fault, and the run ends with 1. A run is repeated by its seed, a
single trial by --only. Memory is watched on Linux alone.
"""

import argparse
import os
import queue
import secrets
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from tqdm import tqdm
from trial import KINDS, Outcome, Verdict
from watch import Watched

LIMIT_S = 60.0
FAULTS = tuple(o for o in Outcome if o not in (Outcome.OK, Outcome.TOLD))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    for kind, trials in zip(KINDS, (10_000, 500, 500), strict=True):
        parser.add_argument(f"--{kind}", type=int, default=trials, metavar="TRIALS")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs=2, metavar=("KIND", "NUMBER"), help="repeat one trial")
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    if args.only:
        kind, number = args.only
        watched = Watched(kind, args.seed, LIMIT_S)
        verdict = watched.run(int(number))
        watched.close()
        print(f"{kind} {number}: {verdict.outcome}: {verdict.remark}")
        return int(verdict.outcome in FAULTS)
    print(f"{'input':<12}{'trials':>7}" + "".join(f"{o:>16}" for o in Outcome) + f"{'time':>9}")
    faults: list[str] = []
    for kind in KINDS:
        began = time.monotonic()
        verdicts = run(kind, args.seed, getattr(args, kind), args.processes)
        counts = Counter(verdict.outcome for verdict in verdicts.values())
        row = "".join(f"{counts[outcome]:>16}" for outcome in Outcome)
        print(f"{kind:<12}{len(verdicts):>7}{row}{time.monotonic() - began:>7.0f} s", flush=True)
        faults += [
            f"{kind} {number}: {verdict.outcome}: {verdict.remark}"
            for number, verdict in sorted(verdicts.items())
            if verdict.outcome in FAULTS
        ]
    print(*faults, sep="\n")
    return int(bool(faults))


def run(kind: str, seed: int, trials: int, processes: int) -> dict[int, Verdict]:
    """Make so many trials of a kind, by so many processes at a time; return them by number."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(trials):
        waiting.put(number)
    verdicts: dict[int, Verdict] = {}
    failed: list[Exception] = []
    with tqdm(total=trials, desc=kind, unit="trial", disable=None, leave=False) as bar:

        def work() -> None:
            watched = Watched(kind, seed, LIMIT_S)
            try:
                while True:
                    number = waiting.get_nowait()
                    verdicts[number] = watched.run(number)
                    bar.update()
            except queue.Empty:
                pass
            except Exception as error:
                failed.append(error)
            finally:
                watched.close()

        threads = [threading.Thread(target=work) for _ in range(min(processes, trials))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]
    return verdicts


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
