"""This program's end of a process that reads films (commands.read_films is the other).

A request is a line of JSON; so is the head of an answer, which the pixels follow as they lie in
memory.
"""

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from dataclasses import asdict
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cephview import child_process
from cephview.core.film import Film, Levels, Origin
from cephview.core.scale import PixelSize, Provenance
from cephview.formats.limits import MAX_PIXELS

START_S = 60
"""How long a process may take until it can be asked."""

WAITS = 4
"""How many seconds a second of the processor may take on a busy machine, or on a slow drive."""

_MOST_S = 1200.0
_LOOK_EVERY_S = 1.0
_MAX_HEAD_BYTES = 64 * 1024**2
_PIPE_BYTES = 1024**2
# Windows would open a black window for the child of a windowed program.
_NO_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)
# A film is read by one thread; those that wait would only take memory.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Answer = tuple[dict[str, Any], NDArray[Any] | None]


class ReaderLostError(Exception):
    """A process gave no answer. was_ready: it had begun. was_late: it was ended for its time."""

    def __init__(self, *, was_ready: bool, was_late: bool) -> None:
        super().__init__("late" if was_late else "ended")
        self.was_ready = was_ready
        self.was_late = was_late


class FilmReader:
    """One process, which reads one film at a time and ends with this one."""

    def __init__(self) -> None:
        """Start it; it can be asked at once. Raises OSError where the system starts none."""
        self._process = subprocess.Popen(
            child_process.command("read-films"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_CONSOLE,
            env=os.environ | _ENVIRONMENT,
            pipesize=_PIPE_BYTES,
        )
        self._answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._is_ready = self._is_late = False
        self._deadline = time.monotonic() + START_S
        threading.Thread(target=self._listen, name="film reader", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], when_slow: Any = lambda: None) -> Answer:
        """Return the head of an answer and its pixels. Raises ReaderLostError.

        when_slow() is called now and then while the answer does not come.
        """
        self._deadline = time.monotonic() + START_S
        # Of one that has ended, the answer tells.
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()
        while True:
            try:
                answer = self._answers.get(timeout=_LOOK_EVERY_S)
            except queue.Empty:
                if time.monotonic() > self._deadline:
                    self._is_late = True
                    self.kill()
                when_slow()
                continue
            if answer is None:
                raise ReaderLostError(was_ready=self._is_ready, was_late=self._was_late())
            return answer

    def kill(self) -> None:
        """End it at once; who waits for its answer is told so and need not wait for its end.

        A process may outlast that for a while, as one that waits for a drive that is silent.
        """
        self._answers.put(None)
        with contextlib.suppress(OSError):
            self._process.kill()

    def _was_late(self) -> bool:
        """Say whether it was ended for its time, by this program or by the system."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LOOK_EVERY_S)
        code = self._process.returncode
        return self._is_late or (code is not None and -code in _OUT_OF_TIME)

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        # Whatever a process that goes wrong may have sent ends it.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, MemoryError, EOFError):
            while line := pipe.readline(_MAX_HEAD_BYTES):
                head = json.loads(line)
                if "may_take_s" in head:
                    self._is_ready = True
                    allowed = min(WAITS * float(head["may_take_s"]), _MOST_S)
                    self._deadline = time.monotonic() + allowed
                else:
                    self._answers.put((head, _pixels(head, pipe)))
        self.kill()
        self._process.wait()
        for each in (pipe, self._process.stdin):
            with contextlib.suppress(OSError):
                each.close()  # type: ignore[union-attr]


def _out_of_time() -> tuple[int, ...]:
    import signal

    found = getattr(signal, "SIGXCPU", None)
    return () if found is None else (int(found),)


_OUT_OF_TIME = _out_of_time()


def _pixels(head: dict[str, Any], pipe: IO[bytes]) -> NDArray[Any] | None:
    """Read pixels into the one buffer that the film then keeps."""
    if "shape" not in head:
        return None
    height, width = (int(side) for side in head["shape"])
    if not (height > 0 and width > 0 and height * width <= MAX_PIXELS):
        raise ValueError("no picture is of that size")
    pixels = np.empty((height, width), np.uint16 if head["depth"] == 16 else np.uint8)
    left = pixels.data.cast("B")
    while left:
        count = pipe.readinto(left)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        left = left[count:]
    return pixels


def head_of(film: Film) -> dict[str, Any]:
    """Return all of a film but its pixels, fit for JSON."""
    return {
        "sha256": film.sha256,
        "name": film.name,
        "pixel_size": asdict(film.pixel_size),
        "levels": asdict(film.levels),
        "origin": asdict(film.origin),
        **head_of_pixels(film.pixels),
    }


def head_of_pixels(pixels: NDArray[Any]) -> dict[str, Any]:
    return {"shape": pixels.shape, "depth": 8 * pixels.dtype.itemsize}


def film_of(head: dict[str, Any], pixels: NDArray[Any]) -> Film:
    """Return the film that head_of and its pixels tell."""
    size = head["pixel_size"]
    return Film(
        pixels=pixels,
        sha256=head["sha256"],
        name=head["name"],
        pixel_size=PixelSize(size["x_mm"], size["y_mm"], Provenance(size["provenance"])),
        levels=Levels(**head["levels"]),
        origin=Origin(**head["origin"]),
    )
