"""One engine process, spoken to in messages."""

import logging
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from cephview import child_process
from cephview.engine.lines import LineSplitter
from cephview.engine.messages import Answer, EngineError, Request, decode, encode

log = logging.getLogger(__name__)

# Progress and points are a few kilobytes; anything longer is not an answer.
MAX_ANSWER_BYTES = 4 * 1024 * 1024
_TAIL_BYTES = 4096
_SIGKILL = 9


def default_command() -> list[str]:
    """Return the command line of the engine process, in a checkout, a package or a bundle."""
    return child_process.command("engine")


@dataclass(frozen=True)
class Exit:
    """How a process ended. code is the exit code or, where is_crash, the number of the signal.

    was_killed says that this program killed it. said is the end of what it wrote to standard error.
    """

    code: int
    is_crash: bool = False
    was_killed: bool = False
    could_not_start: bool = False
    said: str = ""

    @property
    def is_out_of_memory(self) -> bool:
        """Whether the system's memory killer is the likely cause."""
        return self.is_crash and self.code == _SIGKILL and not self.was_killed


class Channel(QObject):
    """Starts a process, sends it requests, and tells what it answers and how it ended.

    ended is emitted exactly once for a process that was opened, also for one that never started,
    unless close was called before.
    """

    answered = Signal(object)
    ended = Signal(object)

    def __init__(self, command: list[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._splitter = LineSplitter(MAX_ANSWER_BYTES)
        self._said = b""
        self._begun_line = b""
        self._was_killed = False
        self._has_ended = False
        self._process = QProcess(self)
        self._process.setProgram(command[0])
        self._process.setArguments(command[1:])
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.timeout.connect(self.kill)

    @property
    def is_running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def process_id(self) -> int:
        """Return the system's number of the process; 0 when it does not run."""
        return int(self._process.processId())

    def open(self) -> None:
        """Start the process."""
        self._process.start()

    def send(self, request: Request) -> None:
        """Send a request; to a process that has ended, nothing. Raises EngineError if too long."""
        line = encode(request)
        if self.is_running:
            self._process.write(line)

    def drain(self) -> None:
        """Read now what has already arrived, for a caller about to conclude that nothing has."""
        if self.is_running:
            self._process.waitForReadyRead(20)
        self._read()

    def kill(self) -> None:
        """End the process at once; ended follows."""
        if self.is_running:
            self._was_killed = True
            self._process.kill()

    def retire(self, grace_s: float) -> None:
        """Let the process end by itself, by closing its input; kill it after grace_s."""
        if self.is_running:
            self._process.closeWriteChannel()
            self._deadline.start(int(grace_s * 1000))

    def hang_up(self) -> None:
        """Close the process's input, upon which it ends; no signal is emitted any more."""
        self._has_ended = True
        if self.is_running:
            self._process.closeWriteChannel()

    def close(self, wait_s: float) -> None:
        """End the process before returning: politely for at most wait_s, then by force."""
        self.hang_up()
        if not self.is_running:
            return
        if not self._process.waitForFinished(int(wait_s * 1000)):
            self._process.kill()
            self._process.waitForFinished(1000)

    def _read(self) -> None:
        dropped = self._splitter.dropped
        for line in self._splitter.feed(bytes(self._process.readAllStandardOutput().data())):
            if self._has_ended:
                return
            try:
                message = decode(line)
            except EngineError as error:
                log.warning("ignored from the engine: %s", error)
                continue
            if isinstance(message, Answer):
                self.answered.emit(message)
            else:
                log.warning("ignored from the engine: %s is no answer", type(message).__name__)
        if self._splitter.dropped > dropped:
            log.warning("ignored from the engine: a line of more than %d bytes", MAX_ANSWER_BYTES)

    def _read_errors(self) -> None:
        chunk = bytes(self._process.readAllStandardError().data())
        self._said = (self._said + chunk)[-_TAIL_BYTES:]
        # By whole lines: a name that is cut in two is not seen to be one.
        *lines, self._begun_line = (self._begun_line + chunk).split(b"\n")
        if len(self._begun_line) > _TAIL_BYTES:
            lines, self._begun_line = [*lines, self._begun_line], b""
        self._log_lines(lines)

    def _log_lines(self, lines: list[bytes]) -> None:
        for line in lines:
            if text := line.decode("utf-8", "replace").rstrip():
                log.info("engine: %s", text)

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._deadline.stop()
        self._read()
        self._read_errors()
        self._log_lines([self._begun_line])
        said = self._said.decode("utf-8", "replace").strip()
        is_crash = status == QProcess.ExitStatus.CrashExit
        self._end(Exit(code, is_crash, was_killed=self._was_killed, said=said))

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(Exit(-1, could_not_start=True, said=self._process.errorString()))

    def _end(self, how: Exit) -> None:
        if not self._has_ended:
            self._has_ended = True
            self.ended.emit(how)
