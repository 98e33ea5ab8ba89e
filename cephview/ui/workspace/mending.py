"""A workspace put right in a process of its own, while the window lives."""

import json
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from cephview import child_process
from cephview.ui.work.job import Job

_PARTS = 100
_END_MS = 5000
_ENDED = (
    "The workspace could not be put right: that was ended midway, and nothing was changed. Close "
    "the window and start it again."
)


class Mending(QObject):
    """One piece of work at a time. ended(what to say of it, or "", and an error, or "") follows.

    Ended from outside, or with the window, it leaves the workspace as it was.
    """

    ended = Signal(str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._job: Job | None = None
        self._rest = b""
        self._answer: tuple[str, str] = "", _ENDED

    def begin(self, place: str, title: str) -> Job:
        """Mend the workspace of a folder; return the job to follow."""
        self._rest, self._answer = b"", ("", _ENDED)
        self._job = job = Job(title, self, can_stop=False, is_in_percent=True)
        workspace = str(Path(place).absolute())
        program, *arguments = child_process.command("mend", "--workspace", workspace)
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(lambda *_: self._end())
        process.errorOccurred.connect(self._failed)
        process.start(program, arguments)
        return job

    def close(self) -> None:
        """End the work; the next opening begins it anew, or does what is left of it."""
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect()
            process.finished.disconnect()
            process.errorOccurred.disconnect()
            process.kill()
            process.waitForFinished(_END_MS)

    def _read(self) -> None:
        if self._process is None:
            return
        *lines, self._rest = (self._rest + self._process.readAllStandardOutput().data()).split(
            b"\n"
        )
        for line in lines:
            told = json.loads(line)
            if "share" in told and self._job is not None:
                self._job.told.emit(int(_PARTS * told["share"]), _PARTS)
            elif "share" not in told:
                self._answer = told.get("said", ""), told.get("error", "")

    def _failed(self, error: QProcess.ProcessError) -> None:
        # Of a crash finished() tells as well.
        if error is QProcess.ProcessError.FailedToStart:
            self._end()

    def _end(self) -> None:
        self._read()
        process, self._process = self._process, None
        job, self._job = self._job, None
        if process is not None:
            process.deleteLater()
        if job is not None:
            job.end()
        self.ended.emit(*self._answer)
