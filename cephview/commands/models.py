"""cephview models: what is installed, where it comes from, and which one is at work."""

import argparse
import contextlib
import os
from pathlib import Path

from cephview.commands import CommandError
from cephview.core.model_info import ModelInfo
from cephview.core.tracing import other_set
from cephview.database_address import without_passwords
from cephview.formats.model_folder import (
    DESCRIPTION,
    FoundModel,
    find_models,
    is_candidate,
    read_info,
)
from cephview.places import models_dir, user_dir

HELP = """List the models that are installed, show how one came about, make one the model of a
workspace, check that its files are as they were written, or take one to another computer."""
EXAMPLE = "cephview models list"

DEFAULT_MODEL = "isbi19-base"
_UNDECIDED = (
    "{} is a candidate that nobody has decided on; use or discard it in the window of the "
    "workspace that it was learnt in."
)
_NOT_DESCRIBED = (
    "  of an earlier release: no digest covers its description, only weights, convention and names"
)
# Figures not of a model but of its parent, or of its network without its convention.
_BESIDE = ("parent", "network")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="what")
    listed = what.add_parser("list", help="name every model that is installed")
    listed.add_argument("--workspace", metavar="W", help="mark the model at work in it")
    shown = what.add_parser("show", help="tell how a model came about, and its ancestors")
    shown.add_argument("model", help="a model folder or an installed name")
    used = what.add_parser(
        "activate", help="make a model, also an earlier one, that of a workspace"
    )
    used.add_argument("model", help="a model folder or an installed name")
    used.add_argument("--workspace", required=True, metavar="W", help="its folder or database URL")
    whole = what.add_parser("verify", help="check models against the digests in their descriptions")
    whole.add_argument("models", nargs="*", metavar="model", help="all that are installed if none")
    out = what.add_parser("export", help="write a model as one file")
    out.add_argument("model", help="a model folder or an installed name")
    out.add_argument("--out", type=Path, required=True, help="the file to write, a .zip")
    taken = what.add_parser("import", help="install a model from a file that export wrote")
    taken.add_argument("file", type=Path)
    taken.add_argument("--name", help="the folder to install it in, if not the model's own name")


def run(args: argparse.Namespace) -> int:
    return {
        "list": _list,
        "show": _show,
        "activate": _activate,
        "verify": _verify,
        "export": _export,
        "import": _import,
    }[args.what](args)


def find_model(name: str | None) -> Path:
    """Return the folder of a model given as a folder or by name; the shipped one for None.

    Raises CommandError where there is no such model; no other model is taken in its place. A
    candidate that nobody has decided on has no name to be found by, only its folder.
    """
    wanted = name or DEFAULT_MODEL
    folder = Path(wanted)
    places = [place / wanted for place in _places()]
    if name is not None:
        places.insert(0, folder)
    for place in places:
        is_there = os.path.lexists(place / DESCRIPTION)
        if is_there and (place is folder or not is_candidate(place)):
            return place
    if any(is_candidate(place) for place in places[1:]):
        raise CommandError(_UNDECIDED.format(wanted))
    raise CommandError(f"no model is called {wanted!r}; give a model folder or an installed name.")


def _places() -> list[Path]:
    found = [models_dir()]
    # A model that ships is also found where there is no home, or it cannot be written.
    with contextlib.suppress(OSError):
        found.append(user_dir() / "models")
    return found


def _found() -> list[FoundModel]:
    return [model for root in _places() for model in find_models(root)]


def _list(args: argparse.Namespace) -> int:
    active = ""
    if args.workspace:
        from cephview.commands.workspaces import open_workspace

        with open_workspace(args.workspace) as workspace:
            active = workspace.active_model() or str(find_model(None))
    found = _found()
    good = [(model, model.info) for model in found if model.info is not None]
    for model, info in sorted(good, key=lambda pair: pair[0].is_candidate):
        mark = "*" if active and Path(active) == model.folder else " "
        mark = "?" if model.is_candidate else mark
        error = next((f"{v:.2f} mm" for k, v in _figures(info) if k.endswith("mre_mm")), "")
        made = f"{info.sha256[:12]}  {info.created[:10]:<10}"
        note = "  candidate, not decided on" if model.is_candidate else ""
        print(f"{mark} {info.name:<24} {made}  {error:<8} {model.folder}{note}")
    for model in found:
        if model.problem:
            print(f"! set aside: {model.problem}")
    return 0


def _show(args: argparse.Namespace) -> int:
    folder = find_model(args.model)
    info = read_info(folder)
    rows = [
        ("name", info.name),
        ("folder", str(folder)),
        ("SHA-256", info.sha256),
        ("made", info.created or "not said"),
        ("landmarks", f"{len(info.landmarks)} of {info.landmark_set}: {' '.join(info.landmarks)}"),
        ("trained on", info.trained_on or "not said"),
        ("data digest", info.data_digest or "not said"),
        ("seed", str(info.seed)),
        ("terms", info.terms or "not said"),
        *((f"how: {key}", str(value)) for key, value in info.settings.items()),
        *((key, f"{value:g}") for key, value in _figures(info)),
        *_ancestors(info),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")
    return 0


def _figures(info: ModelInfo) -> list[tuple[str, float]]:
    """Return the figures over all landmarks: first those of the hold-out it was judged on."""
    overall = [(k, v) for k, v in info.metrics.items() if ".refined.mre" in k or ".sdr_" in k]
    whole = [(k, v) for k, v in overall if k.count(".") == 2 or k.split(".")[1] in _BESIDE]
    return sorted(whole, key=lambda figure: (not figure[0].startswith("holdout.refined"), figure))


def _ancestors(info: ModelInfo) -> list[tuple[str, str]]:
    """Return a row for each model that this one comes from, as far as they are installed."""
    known = {
        model.info.sha256: (model.folder, model.info)
        for model in _found()
        if model.info is not None and not model.is_candidate
    }
    rows, seen = [], {info.sha256}
    while info.parent:
        folder, parent = known.get(info.parent, (None, None))
        where = f"{parent.name}, {folder}" if parent is not None else "not installed"
        rows.append(("comes from", f"{info.parent[:12]} ({where})"))
        if parent is None or parent.sha256 in seen:
            break
        seen.add(parent.sha256)
        info = parent
    return rows


def _activate(args: argparse.Namespace) -> int:
    from cephview.commands.workspaces import open_workspace
    from cephview.network.weights import load_model

    folder = find_model(args.model).absolute()
    if is_candidate(folder):
        raise CommandError(_UNDECIDED.format(args.model))
    _, info = load_model(folder)
    with open_workspace(args.workspace) as workspace:
        for reading in workspace.readings():
            for _, tracing in workspace.traced_films(reading.number):
                if why := other_set(info.name, info.landmark_set, tracing):
                    raise CommandError(why)
        workspace.set_active_model(str(folder))
    print(f"{info.name} is the model of {without_passwords(args.workspace)}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from cephview.network.archive import check_beside
    from cephview.network.weights import ModelError, load_whole

    bad = 0
    installed = [model.folder for model in _found() if not model.is_candidate]
    for folder in [find_model(name) for name in args.models] or installed:
        try:
            whole = load_whole(folder)
            check_beside(folder)
            note = "" if whole.is_described else _NOT_DESCRIBED
            print(f"whole    {whole.info.name}  {whole.info.sha256[:12]}  {folder}{note}")
        except ModelError as error:
            bad += 1
            print(f"not whole  {folder}: {error}")
    if bad:
        raise CommandError(f"{bad} model{'s are' if bad > 1 else ' is'} not whole")
    return 0


def _export(args: argparse.Namespace) -> int:
    from cephview.network.archive import write_archive

    if is_candidate(find_model(args.model)):
        raise CommandError(_UNDECIDED.format(args.model))
    print(f"{write_archive(find_model(args.model), args.out).name} written to {args.out}")
    return 0


def _import(args: argparse.Namespace) -> int:
    from cephview.network.archive import read_archive

    folder = read_archive(args.file, user_dir() / "models", args.name)
    print(f"{read_info(folder).name} installed in {folder}")
    return 0
