"""A hand.py in a process of its own: what it says is kept, and it can be killed."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

HAND = Path(__file__).with_name("hand.py")
_START_S = 120.0

Acknowledged = dict[str, dict[int, str]]


class Watched:
    """One window. acknowledged grows with what it says; said holds its notices by topic."""

    def __init__(
        self, home: Path, workspace: Path, kind: str, seed: int, acknowledged: Acknowledged
    ) -> None:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            environment[name] = str(home / name.lower())
        films = home / "films"
        command = [sys.executable, str(HAND), str(workspace), str(films), str(seed), kind]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.acknowledged = acknowledged
        self.steps = 0
        self.said: dict[str, list[str]] = defaultdict(list)
        self.errors: list[str] = []
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._readers = [threading.Thread(target=work) for work in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def wait_for(self, name: str, seconds: float = _START_S) -> Any:
        """Take lines until one has a field; return it, or None where none came."""
        return (self.take({name}, seconds) or {}).get(name)

    def take(self, names: set[str], seconds: float = _START_S) -> dict[str, Any] | None:
        """Take lines until one has one of these fields; return it, or None where none came."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                return None
            if line is None or names & line.keys():
                return line
        return None

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """Kill the window, and take all that it had acknowledged until then."""
        engines = self.engines()
        self.process.kill()
        for engine in engines:
            kill(engine)
        self._end()

    def kill_alone(self) -> None:
        """Kill the window and leave it to its engines to notice."""
        self.process.kill()
        self._end()

    def quit(self) -> bool:
        """Close the window as a user does; return whether it ended well."""
        self.tell("quit")
        is_closed = self.wait_for("closed") is not None
        if not is_closed:
            self.process.kill()
        self._end()
        return is_closed and self.process.returncode == 0

    def engines(self) -> list[int]:
        """Return the processes that the window started, and those that these did."""
        found, waiting = [], [self.process.pid]
        while waiting:
            for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                try:
                    children = [int(child) for child in task.read_text().split()]
                except OSError:
                    continue
                found += children
                waiting += children
        return found

    def _end(self) -> None:
        self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            try:
                line = json.loads(text)
            except ValueError:
                # Cut short by the kill: it was never said.
                continue
            if "film" in line:
                self.acknowledged.setdefault(line["film"], {})[line["number"]] = line["digest"]
                self.steps += 1
            elif "said" in line:
                self.said[line["topic"]].append(line["said"])
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors += [line.rstrip() for line in self.process.stderr]


def kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return
