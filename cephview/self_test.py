"""The self-test: everything the program needs, one check a thing, each with what to do about it.

Whatever could take the process down with it (Qt without a display, torch beside a driver it does
not know) is tried in a process of its own.
"""

import hashlib
import importlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cephview import places, qt_libraries
from cephview.core.detection import Detection
from cephview.core.model_info import ModelInfo
from cephview.engine import messages
from cephview.formats import FormatError, open_film
from cephview.formats.decoders import available_decoders
from cephview.store import StoreError, Workspace
from cephview.store.opening import DATABASE

# The names under which the declared dependencies are imported; what needs torch is tried with it.
LIBRARIES = {
    "PySide6-Essentials": "PySide6.QtWidgets",
    "SQLAlchemy": "sqlalchemy",
    "lightning-fabric": "",
    "numpy": "numpy",
    "pillow": "PIL.Image",
    "platformdirs": "platformdirs",
    "pydicom": "pydicom",
    "pyjpegls": "jpeg_ls",
    "pylibjpeg": "pylibjpeg",
    "pylibjpeg-openjpeg": "openjpeg",
    "pyqtgraph": "pyqtgraph",
    "python-gdcm": "gdcm",
    "safetensors": "safetensors",
    "scikit-image": "skimage",
    "scipy": "scipy",
    "tifffile": "tifffile",
    "tomli-w": "tomli_w",
    "torch": "",
    "torchvision": "",
    "tqdm": "tqdm",
}

INSTALL = "install cephview again"
TORCH_TIMEOUT_S = 180
QT_TIMEOUT_S = 60
ENGINE_TIMEOUT_S = 300

TORCH_REPORT = """
import json, lightning_fabric, torch, torchvision
torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
cuda = torch.cuda.is_available()
print(json.dumps({
    "fabric": lightning_fabric.__version__,
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "gpu": torch.cuda.get_device_name(0) if cuda else "",
    "built_for_cuda": torch.version.cuda or "",
}))
"""

QT_REPORT = """
from PySide6.QtWidgets import QApplication
from PySide6 import QtSvg
print(QApplication([]).platformName())
"""


@dataclass(frozen=True)
class Outcome:
    """What one check found. advice says what to do where something is missing.

    is_needed: without it the program does not work as a whole, so the self-test fails.
    """

    what: str
    is_fine: bool
    advice: str = ""
    is_needed: bool = True

    def line(self) -> str:
        word = "ok" if self.is_fine else "missing" if self.is_needed else "note"
        return f"{word:<8}{self.what}" + (f": {self.advice}" if self.advice else "")


Check = Callable[[], Iterator[Outcome]]


def run(workspace: str) -> int:
    """Print one line a check; return 0 when nothing needed is missing, else 1."""
    checks: tuple[Check, ...] = (
        check_python,
        check_libraries,
        check_torch,
        check_qt_libraries,
        check_qt_platforms,
        check_decoders,
        check_models,
        check_demo_film,
        check_engine,
        lambda: check_workspace(workspace),
    )
    missing = 0
    for check in checks:
        for outcome in check():
            print(outcome.line(), flush=True)
            missing += outcome.is_needed and not outcome.is_fine
    if missing:
        print(f"\n{missing} of what cephview needs is missing; see the lines above.")
    else:
        print("\nEverything cephview needs is there.")
    return 1 if missing else 0


def check_python() -> Iterator[Outcome]:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    is_new = sys.version_info >= (3, 11)
    yield Outcome(found, is_new, "" if is_new else "install Python 3.11 or newer")


def check_libraries() -> Iterator[Outcome]:
    """Import every declared dependency that does not need torch."""
    for name, module in LIBRARIES.items():
        if not module:
            continue
        try:
            version = importlib.metadata.version(name)
            importlib.import_module(module)
        except importlib.metadata.PackageNotFoundError:
            yield Outcome(name, False, INSTALL)
        except Exception as error:  # a broken native library raises what it likes
            yield Outcome(f"{name} is there but cannot be loaded", False, _first_line(error))
        else:
            yield Outcome(f"{name} {version}", True)


def check_torch() -> Iterator[Outcome]:
    """Load torch and torchvision together, as only a matching pair can be, and look for a GPU."""
    try:
        report = json.loads(_python(TORCH_REPORT, TORCH_TIMEOUT_S))
    except _ProcessError as error:
        advice = (
            f"take both from one place: pip install --force-reinstall torch torchvision ({error})"
        )
        yield Outcome("torch, torchvision and lightning-fabric together", False, advice)
        return
    pair = f"torch {report['torch']} with torchvision {report['torchvision']}"
    yield Outcome(f"{pair} and lightning-fabric {report['fabric']}", True)
    if report["gpu"]:
        yield Outcome(f"graphics card {report['gpu']}", True)
    else:
        why = (
            "none that torch can use was found; the processor is used, which is slower"
            if report["built_for_cuda"]
            else "this build of torch is for the processor alone, which is slower"
        )
        yield Outcome("graphics card", False, why, is_needed=False)


def check_qt_libraries() -> Iterator[Outcome]:
    """Look for the system libraries of Qt on Linux; name the Debian packages of missing ones."""
    if not sys.platform.startswith("linux"):
        return
    groups = (
        ("Qt", qt_libraries.OFF_SCREEN, True),
        ("a window on X11", qt_libraries.X11_WINDOW, bool(os.environ.get("DISPLAY"))),
        ("a window on Wayland", qt_libraries.WAYLAND_WINDOW, _is_wayland_only()),
    )
    for what, libraries, is_needed in groups:
        packages = qt_libraries.missing_packages(libraries)
        advice = f"sudo apt-get install -y {' '.join(packages)}" if packages else ""
        yield Outcome(f"system libraries for {what}", not packages, advice, is_needed)


def _is_wayland_only() -> bool:
    return bool(os.environ.get("WAYLAND_DISPLAY")) and not os.environ.get("DISPLAY")


def check_qt_platforms() -> Iterator[Outcome]:
    """Start Qt off-screen and, where there is a display, on it."""
    platforms = ["offscreen"]
    if qt_libraries.has_display():
        platforms.append(os.environ.get("QT_QPA_PLATFORM", ""))
    for wanted in dict.fromkeys(platforms):
        name = wanted or "the display"
        environment = os.environ | {"QT_QPA_PLATFORM": wanted}
        if not wanted:
            del environment["QT_QPA_PLATFORM"]
        try:
            found = _python(QT_REPORT, QT_TIMEOUT_S, environment)
        except _ProcessError as error:
            yield Outcome(f"Qt on {name}", False, str(error))
        else:
            yield Outcome(f"Qt on {name} ({found.strip()})", True)


def check_decoders() -> Iterator[Outcome]:
    """Ask for a decoder of every kind of pixels that DICOM films come in."""
    for name, is_available in available_decoders().items():
        yield Outcome(f"DICOM decoder for {name}", is_available, "" if is_available else INSTALL)


def check_models() -> Iterator[Outcome]:
    """Compare the weights that ship with the digests in their descriptions."""
    descriptions = sorted(places.models_dir().glob("*/model.toml"))
    if not descriptions:
        yield Outcome(f"a model in {places.models_dir()}", False, INSTALL)
    for path in descriptions:
        weights = path.parent / "model.safetensors"
        try:
            info = ModelInfo.from_toml(path.read_text(encoding="utf-8"))
            with weights.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError) as error:
            yield Outcome(f"model {path.parent.name}", False, f"{_first_line(error)} ({INSTALL})")
            continue
        if digest == info.sha256:
            yield Outcome(f"model {info.name}, weights {digest[:12]}", True)
        else:
            advice = f"{weights} is not the file its description names; {INSTALL}"
            yield Outcome(f"model {info.name}", False, advice)


def check_demo_film() -> Iterator[Outcome]:
    try:
        film = open_film(places.demo_film())
    except (FormatError, OSError) as error:
        yield Outcome("demo film", False, f"{_first_line(error)} ({INSTALL})")
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
            yield Outcome(f"engine with model {folder.name}", False, _first_line(error))
            continue
        took = f"{detection.seconds:.1f} s, {time.monotonic() - begun:.1f} s with its start"
        yield Outcome(
            f"engine with model {folder.name}: {len(detection.points)} points of the demo film "
            f"on {detection.device} in {took}",
            True,
        )


def detect_once(film: Path, model_dir: Path) -> Detection:
    """Start an engine for one film, and end it. Raises EngineError."""
    command = [sys.executable, "-m", "cephview", "engine"]
    request = messages.Detect(1, str(film), "", str(model_dir))
    try:
        with subprocess.Popen(
            command,
            # "-m" looks for modules in the working folder first; this one holds no foreign code.
            cwd=Path(__file__).resolve().parents[1],
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
    is_folder = "://" not in place
    folder = Path(place) if is_folder else places.user_dir() / "workspace"
    try:
        if is_folder and not (folder / DATABASE).exists():
            _try_writing(folder)
            reason = ""
        else:
            with Workspace.open(folder, url=None if is_folder else place) as workspace:
                reason = workspace.read_only_reason
    except (StoreError, OSError) as error:
        reason = _first_line(error)
    if reason:
        yield Outcome(f"workspace {place}", False, f"{reason} (--workspace names another)")
    else:
        yield Outcome(f"workspace {place} can be written", True)


def _try_writing(folder: Path) -> None:
    """Write a file and remove it, in the folder or where it would be made. Raises OSError."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    with tempfile.NamedTemporaryFile(dir=nearest, prefix="self-test"):
        pass


class _ProcessError(Exception):
    """A piece of Python in its own process did not do what it should; str() is its last line."""


def _python(code: str, timeout_s: float, environment: dict[str, str] | None = None) -> str:
    """Run code in its own process and return the last line it printed. Raises _ProcessError."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=timeout_s,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _ProcessError(f"it gave no answer within {timeout_s:.0f} s") from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise _ProcessError(lines[-1].strip() if lines else f"it ended with {done.returncode}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
