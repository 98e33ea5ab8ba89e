"""Study: ten films corrected by the senior doctor's labels, fine-tuned from the window.

The shipped model is taught the senior's hand on ten films, through the real window and a real
engine, and measured against the senior's labels on fifty other films before and after. All sixty
were kept from the training of the shipped model (its split.json).

    python tests/studies/senior_hand.py path/to/isbi2015
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder of the ISBI 2015 films")
    parser.add_argument("--model", type=Path, default=Path("models/isbi19-base"))
    parser.add_argument("--corrected", type=int, default=10)
    args = parser.parse_args()
    split = json.loads((args.model / "split.json").read_text(encoding="utf-8"))
    kept = sorted(split["reserve"]) + sorted(split["validation"])
    taught, measured = kept[: args.corrected], kept[args.corrected :][:50]
    with tempfile.TemporaryDirectory(prefix="cephview-study-") as home:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(home, name.lower()))
        films = Path(home, "films")
        films.mkdir()
        for name in taught:
            (films / name).symlink_to((args.data / "images" / name).resolve())
        print(f"corrected: {' '.join(taught)}")
        print(f"measured on: {' '.join(measured)}", flush=True)
        report(args, args.model, measured, "before")
        candidate = correct_and_learn(films, args)
        report(args, candidate, measured, "after")
    return 0


def report(args: argparse.Namespace, model: Path, measured: list[str], when: str) -> None:
    """Measure a model against the senior's labels, in a process of its own."""
    numbers = ",".join(str(int(Path(name).stem)) for name in measured)
    print(f"--- {when}, against the senior's labels", flush=True)
    command = [sys.executable, "-m", "cephview", "evaluate", "--films", str(args.data)]
    command += ["--truth", str(args.data / "landmarks_senior.csv"), "--mm-per-px", "0.1"]
    command += ["--only", numbers, "--model", str(model), "--device", "cpu"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def correct_and_learn(films: Path, args: argparse.Namespace) -> Path:
    """Open the films in the window, put every point where the senior has it, press the button."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from cephview.app import make_services, make_window
    from cephview.engine.client import EngineClient
    from cephview.formats.truth import read_truth
    from cephview.settings import Settings
    from cephview.ui.learning.finetuning import Stage
    from cephview.ui.look.theme import DARK, apply_theme

    app = QApplication.instance() or QApplication(sys.argv[:1])
    apply_theme(app, DARK)
    truth = read_truth(args.data / "landmarks_senior.csv")
    engine = EngineClient(device="cpu")
    services = make_services(
        Settings(author="senior"), str(films.parent / "workspace"), str(args.model), engine
    )
    window = make_window(services, DARK)
    session = window.session
    window.show()
    engine.start()
    session.start()

    def wait(until, seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise SystemExit(f"waited {seconds} s in vain for {what}")
            app.processEvents()
            time.sleep(0.01)

    editor = session.editor
    for path in sorted(films.iterdir()):
        session.open_path(path)
        wait(
            lambda path=path: (
                session.path == path
                and editor.tracing is not None
                and all(p.refined is not None for p in editor.tracing)
            ),
            120,
            f"the points of {path.name}",
        )
        for landmark, xy in truth.points[path.name].items():
            editor.move(landmark, xy)
        editor.confirm_all()
    window.tabs.setCurrentWidget(window.model)
    learning = window.model.learning
    window.model.refresh_learning()
    started = time.monotonic()
    QTest.mouseClick(learning.start, Qt.MouseButton.LeftButton)
    wait(lambda: session.finetuning.learning.stage is Stage.JUDGED, 1800, "the fine-tune")
    result = session.finetuning.learning.result
    print(f"fine-tune from the window: {time.monotonic() - started:.0f} s, {result.device}")
    print(result.sentence, flush=True)
    candidate = Path(result.model_dir)
    if result.is_better:
        QTest.mouseClick(learning.adopt, Qt.MouseButton.LeftButton)
        active = session.models.active
        print(f"in use now: {active.info.name if active else 'none'}", flush=True)
    engine.close()
    session.keeping.close()
    return candidate


if __name__ == "__main__":
    sys.exit(main())
