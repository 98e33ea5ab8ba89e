"""Read films for a program that must outlive them: one after another, within bounds.

A request comes as a line on standard input (formats.film_reader), the answer goes out on standard
output. The process ends with its input: whoever asked is gone.
"""

import argparse
import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

HELP = "Read films: a request a line on standard input, films on standard output."
EXAMPLE = """echo '{"read": "film", "path": "/tmp/film.dcm"}' | cephview read-films > film"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    # A Ctrl-C in the terminal goes to whoever asks, too, who decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    out = _claim_stdout()

    # What films need is loaded before the first is asked for.
    from cephview.formats import dicom, limits, raster  # noqa: F401
    from cephview.formats.bounds import Bounds

    def tell(seconds: float) -> None:
        _send(out, {"may_take_s": seconds})

    bounds = Bounds(tell)
    limits.tell_sizes_to(bounds.hear)
    while True:
        request = requests.get()
        bounds.begin()
        head, pixels = _answer(request)
        bounds.end()
        _send(out, head)
        if pixels is not None:
            out.write(memoryview(pixels).cast("B"))
        out.flush()
        # Nothing of a film stays behind while the next is waited for.
        del head, pixels


def _listen(requests: "queue.SimpleQueue[dict[str, Any]]") -> None:
    try:
        for line in sys.stdin.buffer:
            requests.put(json.loads(line))
    finally:
        # In the middle of a film, too.
        os._exit(0)


def _claim_stdout() -> BinaryIO:
    """Keep standard output for answers: some decoders write there what they think of a film."""
    sys.stdout.flush()
    out = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    return out


def _send(out: BinaryIO, head: dict[str, Any]) -> None:
    out.write(json.dumps(head).encode("ascii") + b"\n")
    out.flush()


def _answer(request: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return the head of an answer, and the pixels that follow it."""
    import numpy as np

    from cephview.formats import reading
    from cephview.formats.errors import FormatError, memory_error, shown
    from cephview.formats.film_reader import head_of, head_of_pixels

    path = Path(request["path"])
    try:
        if request["read"] == "disc":
            return {"listed": reading.read_disc_index(path)}, None
        if request["read"] == "thumbnail":
            small = np.ascontiguousarray(reading.read_thumbnail(path, request["side_px"]))
            return head_of_pixels(small), small
        film = reading.read_film(path)
        return head_of(film), np.ascontiguousarray(film.pixels)
    except FormatError as error:
        return {"error": str(error)}, None
    except MemoryError:
        return {"error": str(memory_error(path))}, None
    # What nobody foresaw of a hostile file is a sentence, too.
    except Exception:
        return {
            "error": f"{shown(path)} cannot be read by cephview; "
            "export it again as DICOM or as an 8 or 16 bit grey PNG."
        }, None
