"""The life of the engine process, from its first line to its exit code."""

import faulthandler
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

from cephview import logs
from cephview.engine.lines import LineSplitter
from cephview.engine.messages import (
    EXIT_GPU_LOST,
    EXIT_UNUSABLE,
    MAX_LINE_BYTES,
    Answer,
    EngineError,
    Failed,
    Finetune,
    Ping,
    Pong,
    Request,
    Starting,
    decode,
    encode,
)
from cephview.engine.worker.inbox import Inbox
from cephview.engine.worker.jobs import GpuLostError, Jobs, Runner

log = logging.getLogger(__name__)

GRACE_S = 1.0
"""How long a running job may take to stop after the window has gone."""

TRAINING_NICENESS = 10


def main(make_jobs: Callable[[], Jobs] | None = None) -> int:
    """Serve requests until standard input closes or Shutdown comes; return the exit code.

    make_jobs loads what the jobs need, once the first answer is out; the real jobs by default.
    """
    # A Ctrl-C in the terminal goes to the window too, and the window decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    post = _Post(_claim_stdout())
    _open_log()
    post.send(Starting())
    inbox = Inbox(post.send)
    ended = threading.Event()
    threading.Thread(target=_read, args=(inbox, ended), name="reader", daemon=True).start()
    try:
        return _serve(make_jobs or _real_jobs, inbox, post.send)
    except BrokenPipeError:
        return 0
    finally:
        ended.set()
        logging.shutdown()


def _serve(make_jobs: Callable[[], Jobs], inbox: Inbox, send: Callable[[Answer], None]) -> int:
    try:
        jobs = make_jobs()
        ready = jobs.ready()
    except (ImportError, OSError) as error:
        log.exception("the engine cannot start")
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
        send(
            Failed(
                0,
                "start",
                f"The engine cannot start on this computer ({reason}); "
                "run 'cephview self-test' to see what is missing.",
            )
        )
        return EXIT_UNUSABLE
    send(ready)
    runner = Runner(jobs, ready, send)
    while (request := inbox.next()) is not None:
        if isinstance(request, Ping):
            send(Pong())
            continue
        if isinstance(request, Finetune):
            _lower_priority()
        try:
            runner.run(request, inbox.should_stop)
        except GpuLostError:
            log.exception("request %d: the graphics card is lost to this process", request.id)
            return EXIT_GPU_LOST
    return 0


def _real_jobs() -> Jobs:
    from cephview.engine.worker.model_jobs import make_jobs

    return make_jobs()


class _Post:
    """Writes answers, whole lines only, from whichever thread."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, answer: Answer) -> None:
        """Write an answer. Raises BrokenPipeError when nobody reads any more."""
        line = encode(answer)
        with self._lock:
            self._pipe.write(line)
            self._pipe.flush()


def _claim_stdout() -> BinaryIO:
    """Keep standard output for messages and send whatever else is printed to standard error.

    On the level of file descriptors, because native libraries print past Python.
    """
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return pipe


def _open_log() -> None:
    """Log to the user's log folder; without one, to standard error."""
    # To the window, which logs what an engine says: no crash stops to leave out names of folders.
    faulthandler.enable()
    try:
        handler = logs.log_file("engine.log", is_shared=True)
    except OSError:
        handler = logs.stream()
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)


def _read(inbox: Inbox, ended: threading.Event) -> None:
    """Read requests until the window closes the pipe, then see to it that the process ends."""
    splitter = LineSplitter(MAX_LINE_BYTES)
    try:
        while chunk := os.read(0, 1 << 16):
            for line in splitter.feed(chunk):
                _take(line, inbox)
    except OSError:
        log.info("standard input is gone", exc_info=True)
    inbox.close()
    if not ended.wait(GRACE_S):
        # A native call cannot be interrupted, and an engine without a window is an orphan.
        os._exit(0)


def _take(line: bytes, inbox: Inbox) -> None:
    try:
        message = decode(line)
    except EngineError as error:
        log.warning("ignored: %s", error)
        return
    if isinstance(message, Request):
        inbox.put(message)
    else:
        log.warning("ignored: %s is not a request", type(message).__name__)


def _lower_priority() -> None:
    if hasattr(os, "nice") and os.nice(0) < TRAINING_NICENESS:
        os.nice(TRAINING_NICENESS - os.nice(0))
