"""What a process that reads films may take of the processor and of memory, film by film.

Unix ends a process for its time, and Linux refuses it memory. Elsewhere a thread looks at the
memory, and whoever waits for the answer at the clock.
"""

import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

_MIB = 1024**2

SECONDS = 15.0
SECONDS_A_MEGABYTE = 0.5
SECONDS_A_MEGAPIXEL = 0.4
MOST_SECONDS = 150.0

BYTES = 384 * _MIB
BYTES_A_BYTE = 4
BYTES_A_PIXEL = 24
"""What is generous: on a slow machine the slowest codec takes a fifth of that time, and a colour
film of 16 bits, decoded twice, two thirds of that memory."""

_LOOK_EVERY_S = 0.1
OUT_OF_MEMORY = 12
"""The exit code of a process that took too much where the system does not refuse it."""


class Bounds:
    """The bounds of this process. They grow with what is known of a film, and end with it."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        """tell(seconds) is called whenever a film may go on for that long, on the processor."""
        self._tell = tell
        self._file_bytes = self._pixels = 0
        self._watch: threading.Event | None = None
        self._most_bytes = 0
        if resource is not None:
            # What lies in memory are a patient's pixels, which no dump of it is to hold.
            _set("RLIMIT_CORE", 0)

    def begin(self) -> None:
        """Begin to count anew, for a film of which nothing is known."""
        self._file_bytes = self._pixels = 0
        self._used_s = time.process_time()
        self._used_bytes = _memory_bytes()
        self._set()

    def hear(self, *, file_bytes: int = 0, pixels: int = 0) -> None:
        """Allow what a film of that size takes. A second picture of a file is within the first."""
        self._file_bytes = max(self._file_bytes, file_bytes)
        self._pixels = max(self._pixels, pixels)
        self._set()

    def end(self) -> None:
        """Let go of the bounds until the next film."""
        if resource is not None:
            _set("RLIMIT_CPU", None)
            _set("RLIMIT_AS", None)
        self._most_bytes = 0

    def _set(self) -> None:
        seconds, most = allowed(self._file_bytes, self._pixels)
        if resource is not None:
            _set("RLIMIT_CPU", math.ceil(self._used_s + seconds) + 1)
        self._most_bytes = self._used_bytes + most
        if sys.platform == "linux":
            _set("RLIMIT_AS", self._most_bytes)
        elif self._watch is None:
            self._watch = threading.Event()
            threading.Thread(target=self._look, daemon=True).start()
        self._tell(seconds)

    def _look(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            if self._most_bytes and _memory_bytes() > self._most_bytes:
                os._exit(OUT_OF_MEMORY)


def allowed(file_bytes: int, pixels: int) -> tuple[float, int]:
    """Return the seconds of the processor and the bytes of memory that a film may take."""
    seconds = SECONDS + SECONDS_A_MEGABYTE * file_bytes / 1e6 + SECONDS_A_MEGAPIXEL * pixels / 1e6
    most = BYTES + BYTES_A_BYTE * file_bytes + BYTES_A_PIXEL * pixels
    return min(seconds, MOST_SECONDS), most


def _set(name: str, most: int | None) -> None:
    """Set a limit below what the system or the user has set; None: back to that."""
    which = getattr(resource, name)
    _, hard = resource.getrlimit(which)
    wanted = resource.RLIM_INFINITY if most is None else most
    if hard != resource.RLIM_INFINITY:
        wanted = hard if most is None else min(most, hard)
    resource.setrlimit(which, (wanted, hard))


def _memory_bytes() -> int:
    """Return the memory of this process, as its limit counts it."""
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if sys.platform == "win32":
        return _windows_memory_bytes()
    # The most so far; all but Apple's count in kilobytes.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _windows_memory_bytes() -> int:
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            *(
                (name, ctypes.c_size_t)
                for name in (
                    "peak", "now", "quota_a", "quota_b", "quota_c", "quota_d", "paged", "peak_paged"
                )
            ),
        )  # fmt: skip

    counters = Counters()
    counters.size = ctypes.sizeof(counters)
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    ask = kernel.K32GetProcessMemoryInfo
    ask.argtypes = (ctypes.c_void_p, ctypes.POINTER(Counters), ctypes.c_uint32)
    ask(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.size)
    return int(counters.paged)
