"""Study: what learning from corrections costs, in seconds, in memory, and in frames of the window.

Learns from 20 and from 40 films of a data set as the engine does, in a process of its own at the
engine's priority, and tells what each part took and the peak memory. Steps of the encoders are
timed on some, from which the whole is told. Then a point is dragged in a window, first alone and
then while the encoders learn beside it.

    python tests/studies/learning_cost.py --data isbi2015 [--model models/isbi19-base]
        [--steps 16] [--frames 300] [--only films steps frames] [--device cpu]

On a busy machine the times say little: the load is printed, and the processor's time beside.
"""

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parents[1] / "bench"))

FEW, MANY = 20, 40
MM_PER_PX = 0.1
FIRST = 151
MUST_S, MUST_MIB, MUST_MS = 300, 3 * 1024, 1000 / 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("models/isbi19-base"))
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--steps", type=int, default=16, help="steps that are timed")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=["films", "steps", "frames"],
        default=["films", "steps", "frames"],
    )
    parser.add_argument("--learn", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.learn:
        learn(args)
        return 0
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {busy}, {args.device}, {args.model.name}", flush=True)
    if "films" in args.only:
        tell(FEW, learnt(args, FEW, 0), 0)
    if "steps" in args.only:
        tell(MANY, learnt(args, MANY, args.steps), args.steps)
    if "frames" in args.only:
        frames(args)
    return 0


def learn(args: argparse.Namespace) -> None:
    """Learn in this process, and write a line for each sign of progress and one at the end."""
    from cephview.engine.worker.process import _lower_priority
    from cephview.training.finetune import finetune

    _lower_priority()
    begun = at = time.monotonic()
    parts: dict[str, float] = {}
    steps: list[float] = []

    def told(progress: Any) -> None:
        nonlocal at
        now = time.monotonic()
        note = "learning" if progress.note.startswith("learning") else progress.note
        parts[note] = parts.get(note, 0.0) + now - at
        if note == "learning":
            steps.append(now - at)
        at = now
        print(note, flush=True)

    with tempfile.TemporaryDirectory(prefix="cephview-cost-") as folder:
        result = finetune(
            corrected(args.data, args.learn),
            args.model,
            Path(folder, "new"),
            device=args.device,
            on_progress=told,
            steps=args.steps,
        )
    unit = 1024 if sys.platform == "darwin" else 1
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "seconds": time.monotonic() - begun,
        "processor": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss / unit / 1024,
        "parts": parts,
        "steps": steps,
        "sentence": result.sentence,
    }))  # fmt: skip


def corrected(data: Path, count: int) -> list[Any]:
    """Return films with the senior doctor's points, those the shipped model learnt the mean of."""
    import numpy as np

    from cephview.core.learning import CorrectedFilm
    from cephview.training.dataset import load_folder

    films = load_folder(
        data,
        truth=data / "landmarks_senior.csv",
        mm_per_px=MM_PER_PX,
        only=f"{FIRST}-{FIRST + count - 1}",
    )
    return [
        CorrectedFilm(
            path=str(film.path),
            sha256=hashlib.sha256(film.path.read_bytes()).hexdigest(),
            points={
                name: (float(x), float(y))
                for name, (x, y) in zip(films.landmarks, film.points_px, strict=True)
                if np.isfinite(x + y)
            },
            mm_per_px=film.mm_per_px,
        )
        for film in films.films
    ]


def command(args: argparse.Namespace, count: int, steps: int) -> list[str]:
    return [
        sys.executable, __file__, "--data", str(args.data), "--model", str(args.model),
        "--device", args.device, "--learn", str(count), "--steps", str(steps),
    ]  # fmt: skip


def learnt(args: argparse.Namespace, count: int, steps: int) -> dict[str, Any]:
    done = subprocess.run(
        command(args, count, steps), check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def tell(count: int, found: dict[str, Any], steps: int) -> None:
    from cephview.training.candidates import CHECKS
    from cephview.training.finetune import steps_for

    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found["parts"].items())
    print(
        f"{count} films, {f'{steps} steps' if steps else 'where landmarks are placed'}: "
        f"{found['seconds']:.1f} s ({parts}; processor {found['processor']:.0f} s), "
        f"peak {found['mib']:.0f} MiB of {MUST_MIB}"
    )
    print(f"  {found['sentence']}")
    if steps:
        # The first brings the reading of the films; the hold-out is looked at after every few.
        every, took = max(1, steps // CHECKS), found["steps"]
        one = statistics.median(t for n, t in enumerate(took) if n % every)
        look = statistics.median(t for n, t in enumerate(took) if n and n % every == 0) - one
        every_step = steps_for(count)
        whole = found["seconds"] - sum(took[1:]) + every_step * one + CHECKS * look
        print(
            f"  a step {one:.2f} s, a look at the hold-out {look:.1f} s; all {every_step} steps "
            f"and the rest: {whole:.0f} s",
            flush=True,
        )
    else:
        print(f"  must be <= {MUST_S} s", flush=True)


def frames(args: argparse.Namespace) -> None:
    """Drag a point around a circle, and tell what the frames took."""
    from bench_desk import LEFT, Desk
    from bench_films import SIZE_PX, write_film
    from PySide6.QtCore import QPointF
    from ui import circle, percentile

    with tempfile.TemporaryDirectory(prefix="cephview-cost-") as folder:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(folder, name.lower()))
        film, places = write_film(Path(folder), SIZE_PX)
        desk = Desk(Path(folder, "workspace"), time.perf_counter)
        desk.open(film)
        desk.place(places)
        desk.view.fit()
        desk.settle()

        def drag(when: str) -> None:
            editor = desk.window.session.editor
            at = QPointF(*desk.view.viewport.to_screen(editor.tracing["Go"].best.xy))
            took = desk.drag(circle(at, 60, args.frames), LEFT)
            late = sum(ms > MUST_MS for ms in took)
            print(
                f"drag a point {when}: median {percentile(took, 50):.1f} ms, "
                f"p95 {percentile(took, 95):.1f}, p99 {percentile(took, 99):.1f}, "
                f"max {max(took):.1f}; {late} of {len(took)} frames above {MUST_MS:.1f} ms",
                flush=True,
            )

        drag("alone")
        with subprocess.Popen(
            command(args, MANY, 1000), stdout=subprocess.PIPE, text=True
        ) as beside:
            for line in beside.stdout or ():
                if line.strip() == "learning":
                    break
            drag("while the encoders learn")
            beside.kill()
        desk.close()


if __name__ == "__main__":
    raise SystemExit(main())
