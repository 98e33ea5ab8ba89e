"""cephview finetune: train a model further on corrected films."""

import argparse
from pathlib import Path

from cephview.commands import CommandError, UsageError
from cephview.commands.doubts import doubts_of_corrections
from cephview.commands.films import size_mm, take, tell
from cephview.core.learning import CorrectedFilm, TrainingProgress, without_points
from cephview.formats.opening import start_ahead

HELP = """Train a model further on corrected films, from a workspace or from a folder with a table
of points, and judge it on films held out. Landmarks that the model does not know are taught where
five patients show them, and leave its other points as they are. The candidate is saved whether it
is better or not; the last line says which."""
EXAMPLE = "cephview finetune --workspace ~/cephview --out models/my-clinic"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", metavar="W", help="learn from this workspace: its folder or database URL"
    )
    parser.add_argument("--reading", help="whose corrections, as in cephview export")
    parser.add_argument("--films", type=Path, help="or from this folder of films, with --truth")
    parser.add_argument("--truth", type=Path, help="the table of true points of --films")
    parser.add_argument("--mm-per-px", type=size_mm, help="pixel size where the films do not say")
    parser.add_argument("--only", help="films of --films by number, as 1-20")
    parser.add_argument("--out", type=Path, required=True, help="the new model's folder")
    parser.add_argument("--model", help="the model to start from: a folder or an installed name")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--steps", type=int, help="chosen by the number of films if not given")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    start_ahead()
    if (args.workspace is None) == (args.films is None):
        raise UsageError("give either --workspace, or --films with --truth")
    if args.films is not None and args.truth is None:
        raise UsageError("--films needs --truth, the table of true points")
    films = _of_workspace(args.workspace, args.reading) if args.workspace else _of_folder(args)
    if not films:
        raise CommandError("there is no corrected film to learn from; move or confirm points first")
    # Not before: torch takes seconds to load, and is not needed to say that a folder is wrong.
    from tqdm import tqdm

    from cephview.commands.models import find_model
    from cephview.training.finetune import finetune

    tell(doubts_of_corrections(films))
    with tqdm(unit="step") as bar:

        def on_progress(progress: TrainingProgress) -> None:
            bar.total = progress.steps
            bar.update(progress.step - bar.n)
            if progress.holdout_mre is not None:
                held_out = f"{progress.holdout_mre:.3f}"
                bar.set_postfix(loss=f"{progress.loss:.3f}", held_out=held_out)

        result = finetune(
            films,
            find_model(args.model),
            args.out,
            device=args.device,
            seed=args.seed,
            on_progress=on_progress,
            name=args.out.name,
            steps=args.steps,
        )
    print(f"{result.model_name} saved to {result.model_dir} in {result.seconds:.0f} s")
    print(" ".join(part for part in (result.sentence, result.note) if part))
    return 0


def _of_workspace(place: str, reading: str | None) -> list[CorrectedFilm]:
    from cephview.commands.workspaces import landmarks_of, open_workspace, reading_number

    with open_workspace(place) as workspace:
        number = reading_number(workspace, reading)
        sets = {tracing.landmark_set for _, tracing in workspace.traced_films(number)}
        retired = {m.id for name in sets for m in landmarks_of(workspace, name).retired}
        return list(without_points(workspace.corrected_films(number), retired))


def _of_folder(args: argparse.Namespace) -> list[CorrectedFilm]:
    import numpy as np

    from cephview.formats.pairing import sha256_of
    from cephview.training.dataset import choose_folder

    data = take(
        choose_folder(args.films, truth=args.truth, mm_per_px=args.mm_per_px, only=args.only)
    ).data
    return [
        CorrectedFilm(
            path=str(film.path),
            sha256=sha256_of(film.path),
            points={
                landmark: (float(x), float(y))
                for landmark, (x, y) in zip(data.landmarks, film.points_px, strict=True)
                if np.isfinite(x) and np.isfinite(y)
            },
            mm_per_px=film.mm_per_px,
            patient=film.group if film.group != film.name else "",
        )
        for film in data.films
    ]
