"""Trials made by a process that is watched: its death, its silence and its memory are outcomes."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from trial import Outcome, Verdict

READY_S = 300
MEMORY_BYTES = 1_000_000_000
_LOOK_EVERY_S = 0.1


class Watched:
    """Makes trials of one kind in a process of its own, which is started anew when it died."""

    def __init__(self, kind: str, seed: int, limit_s: float) -> None:
        self._kind, self._seed, self._limit_s = kind, seed, limit_s
        self._process: subprocess.Popen[str] | None = None
        self._folder = Path()

    def run(self, number: int) -> Verdict:
        """Make a trial; an answer that does not come within the limit is a hang."""
        process = self._started()
        assert process.stdin
        process.stdin.write(f"{number}\n")
        process.stdin.flush()
        peak, ends = 0, time.monotonic() + self._limit_s
        while True:
            answer = self._line(_LOOK_EVERY_S)
            peak = max(peak, memory_bytes(process.pid))
            if answer or answer is None or time.monotonic() > ends:
                break
        if answer is None:
            verdict = Verdict(Outcome.CRASH, f"the process ended with {process.wait()}")
        elif not answer:
            verdict = Verdict(Outcome.HANG, f"no answer within {self._limit_s:.0f} s")
        else:
            verdict = Verdict(**json.loads(answer))
            verdict = Verdict(Outcome(verdict.outcome), verdict.remark)
            if peak > MEMORY_BYTES and verdict.outcome in (Outcome.OK, Outcome.TOLD):
                verdict = Verdict(Outcome.MEMORY, f"{peak / 1e9:.1f} GB, then: {verdict.remark}")
        if verdict.outcome in (Outcome.CRASH, Outcome.HANG, Outcome.MEMORY):
            self.close()
        return verdict

    def close(self) -> None:
        """End the process and all that it began, and remove what it wrote."""
        if self._process:
            for pid in (*descendants(self._process.pid), self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self) -> "subprocess.Popen[str]":
        if self._process and self._process.poll() is None:
            return self._process
        self.close()
        self._folder = Path(tempfile.mkdtemp(prefix="cephview-adversary-"))
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("trial.py")), self._kind,
             str(self._seed), str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        if self._line(READY_S) != json.dumps("ready") + "\n":
            raise RuntimeError(f"trials of {self._kind} cannot begin; python trial.py says why")
        return self._process

    def _line(self, seconds: float) -> str | None:
        """Return what the process says; empty while it says nothing, None when it has ended."""
        assert self._process and self._process.stdout
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return ""
        return self._process.stdout.readline() or None


def memory_bytes(pid: int) -> int:
    """Return what a process and all that it began hold now, in bytes. Linux; elsewhere 0."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for each in (pid, *descendants(pid)):
        try:
            total += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * page
        except (OSError, IndexError):
            continue
    return total


def descendants(pid: int) -> list[int]:
    """Return the processes that a process began, and those that these did."""
    found = []
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(word) for task in tasks for word in (task / "children").read_text().split()]
    except OSError:
        return []
    for child in children:
        found += [child, *descendants(child)]
    return found
