"""The engine that tests and benches give a window in place of the process that owns torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from cephview.core.detection import Turn
from cephview.core.turning import AS_ON_FILE


@dataclass(frozen=True)
class Asked:
    """One request for a detection."""

    id: int
    path: Path
    turn: Turn


class FakeEngine(QObject):
    """Takes requests and keeps them; whoever holds it emits the answers, or none."""

    state_changed = Signal(str)
    described = Signal(str)
    progressed = Signal(int, float, str)
    trained = Signal(int, object)
    detected = Signal(int, object)
    finetuned = Signal(int, object)
    failed = Signal(int, str)
    cancelled = Signal(int)
    notice = Signal(str)

    def __init__(self, *, device: str = "auto") -> None:
        super().__init__()
        self.device = device
        self.state = "stopped"
        self.detections: list[tuple[Any, ...]] = []
        self.turns: list[Turn] = []
        self.asked: list[Asked] = []
        self.finetunes: list[tuple[Any, ...]] = []
        self.gone: list[int] = []
        self.retries = 0
        self.last = 0

    def start(self) -> None:
        self.become("ready")
        self.described.emit("CPU")

    def retry(self) -> None:
        self.retries += 1

    def become(self, state: str) -> None:
        self.state = state
        self.state_changed.emit(state)

    def detect(
        self,
        film_path: str | Path,
        sha256: str,
        model_dir: str | Path,
        passes: int = 1,
        turn: Turn = AS_ON_FILE,
    ) -> int:
        self.last += 1
        self.turns.append(turn)
        self.asked.append(Asked(self.last, Path(film_path), turn))
        self.detections.append((Path(film_path), sha256, Path(model_dir), passes))
        return self.last

    def asked_for(self, path: Path) -> Asked:
        """Return the last request for a film, whatever else was asked since."""
        return next(asked for asked in reversed(self.asked) if asked.path == path)

    def finetune(
        self, films: Any, parent_dir: str | Path, out_dir: str | Path, seed: int = 0
    ) -> int:
        self.last += 1
        self.finetunes.append((films, Path(parent_dir), Path(out_dir), seed))
        return self.last

    def cancel(self, request_id: int) -> None:
        self.gone.append(request_id)

    def close(self) -> None:
        self.state = "stopped"
