"""Checks of what the program itself brings: models, the demo film, the engine, the workspace."""

import hashlib
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from cephview import child_process, database_address, places
from cephview.core.detection import Detection
from cephview.engine import messages
from cephview.formats import FormatError, open_film
from cephview.formats.model_folder import WEIGHTS, find_models
from cephview.self_test.outcome import INSTALL, Outcome, first_line
from cephview.store import StoreError, Workspace
from cephview.store.opening import DATABASE

ENGINE_TIMEOUT_S = 300


def check_models() -> Iterator[Outcome]:
    """Compare the weights that ship with the digests in their descriptions."""
    found = find_models(places.models_dir())
    if not found:
        yield Outcome(f"a model in {places.models_dir()}", False, INSTALL)
    for model in found:
        weights = model.folder / WEIGHTS
        if model.info is None:
            yield Outcome(f"model {model.folder.name}", False, f"{model.problem} ({INSTALL})")
            continue
        try:
            with weights.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            yield Outcome(f"model {model.folder.name}", False, f"{first_line(error)} ({INSTALL})")
            continue
        if digest == model.info.sha256:
            yield Outcome(f"model {model.info.name}, weights {digest[:12]}", True)
        else:
            advice = f"{weights} is not the file its description names; {INSTALL}"
            yield Outcome(f"model {model.info.name}", False, advice)


def check_demo_film() -> Iterator[Outcome]:
    try:
        film = open_film(places.demo_film())
    except (FormatError, OSError) as error:
        yield Outcome("demo film", False, f"{first_line(error)} ({INSTALL})")
    else:
        yield Outcome(f"demo film, {film.width} x {film.height} pixels", True)


def check_engine() -> Iterator[Outcome]:
    """Start the engine as the window does, and let it place the landmarks of the demo film."""
    folders = sorted(path.parent for path in places.models_dir().glob("*/model.toml"))
    if not folders:
        yield Outcome("engine", False, "it needs a model to be tried")
        return
    for folder in folders:
        begun = time.monotonic()
        try:
            detection = detect_once(places.demo_film(), folder)
        except messages.EngineError as error:
            yield Outcome(f"engine with model {folder.name}", False, first_line(error))
            continue
        took = f"{detection.seconds:.1f} s, {time.monotonic() - begun:.1f} s with its start"
        yield Outcome(
            f"engine with model {folder.name}: {len(detection.points)} points of the demo film "
            f"on {detection.device} in {took}",
            True,
        )


def detect_once(film: Path, model_dir: Path) -> Detection:
    """Start an engine for one film, and end it. Raises EngineError."""
    request = messages.Detect(1, str(film), "", str(model_dir))
    try:
        with subprocess.Popen(
            child_process.command("engine"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as engine:
            detection = _ask(engine, request)
    except BrokenPipeError:
        detection = None
    if detection is not None:
        return detection
    raise messages.EngineError(
        f"The engine gave no answer within {ENGINE_TIMEOUT_S} s or ended early; "
        f"its log is {places.log_dir() / 'engine.log'}."
    )


def _ask(engine: subprocess.Popen[bytes], request: messages.Detect) -> Detection | None:
    """Return the answer of an engine, or None where it ends before. Raises EngineError."""
    assert engine.stdin is not None and engine.stdout is not None
    watchdog = threading.Timer(ENGINE_TIMEOUT_S, engine.kill)
    watchdog.start()
    try:
        engine.stdin.write(messages.encode(request))
        engine.stdin.flush()
        for line in engine.stdout:
            answer = messages.decode(line)
            if isinstance(answer, messages.Detected):
                return answer.detection
            if isinstance(answer, messages.Failed):
                raise messages.EngineError(answer.sentence)
    finally:
        watchdog.cancel()
        engine.kill()
    return None


def check_workspace(place: str) -> Iterator[Outcome]:
    """Open a workspace that is there; where there is none yet, see that one could be made."""
    is_folder = not database_address.is_address(place)
    folder = Path(place) if is_folder else places.user_dir() / "workspace"
    try:
        if is_folder and not (folder / DATABASE).exists():
            _try_writing(folder)
            reason = ""
        else:
            with Workspace.open(folder, url=None if is_folder else place) as workspace:
                reason = workspace.read_only_reason
    except (StoreError, OSError) as error:
        reason = first_line(error)
    if reason:
        yield Outcome(f"workspace {place}", False, f"{reason} (--workspace names another)")
    else:
        yield Outcome(f"workspace {place} can be written", True)


def _try_writing(folder: Path) -> None:
    """Write a file and remove it, in the folder or where it would be made. Raises OSError."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    with tempfile.NamedTemporaryFile(dir=nearest, prefix="self-test"):
        pass
