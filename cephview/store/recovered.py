"""A recovered file takes the place of the damaged one, whole, also where that is ended midway."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cephview import private_files
from cephview.store import backups, checking, sqlite
from cephview.store.mending import alone

_NAMED = 3
# A file that is whole and waits to take its place, and what is to be said of it.
_READY, _TOLD = ".recovered", ".recovered.json"

# Of a file and its log, by the end of their names: the size, and when it was written, in ns.
Stamps = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Outcome:
    """What was recovered, and from what. got is a part of a sentence, losses are such, too.

    taken is how many steps came from a backup, from_log how many from the step log. unknown says of
    what it is not known whether it was, empty where all is known. what says why, after the name of
    the file.
    """

    got: str
    taken: int
    losses: tuple[str, ...]
    seen: Stamps
    from_log: int = 0
    unknown: str = ""
    what: str = "was damaged"

    @classmethod
    def from_json(cls, text: str) -> "Outcome":
        """Read what was written of it. Raises ValueError."""
        try:
            data = json.loads(text)
            seen = {end: (int(size), int(at)) for end, (size, at) in data["seen"].items()}
            return cls(
                str(data["got"]),
                int(data["taken"]),
                tuple(data["losses"]),
                seen,
                int(data["from_log"]),
                str(data["unknown"]),
                str(data["what"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not the outcome of a recovery: {error}") from error


def stamps(path: Path) -> Stamps:
    """Return what tells a file and its log from what they become when they are written."""
    found = {}
    for end in ("", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            status = path.with_name(path.name + end).stat()
            found[end] = status.st_size, status.st_mtime_ns
    return found


def put_in_place(path: Path, new: Path, outcome: Outcome) -> str:
    """Set a damaged file aside, put a whole one in its place, and return what to say of it.

    Raises StoreError, with nothing changed, where another window has the file open.
    """
    ready, told = _waiting(path)
    private_files.make_file(told)
    told.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
    sqlite.sync(told)
    new.replace(ready)
    sqlite.sync_folder(path.parent)
    return _put(path, outcome)


def finished(path: Path) -> str:
    """Do what is left of a recovery that was ended once its file was whole; "" for nothing.

    Returns what to say of it. A damaged file that was written since is not given up for it.
    """
    ready, told = _waiting(path)
    if not ready.exists():
        return ""
    with alone(path):
        try:
            outcome = Outcome.from_json(told.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            outcome = None
        now = stamps(path)
        # What was already set aside is missing, and nothing else may differ.
        if outcome is None or any(outcome.seen.get(end) != stamp for end, stamp in now.items()):
            _drop(path)
            return ""
        return _put(path, outcome) if ready.exists() else ""


def _put(path: Path, outcome: Outcome) -> str:
    ready, _ = _waiting(path)
    if path.exists():
        try:
            sqlite.refuse_if_open(path)
        except BaseException:
            _drop(path)
            raise
    aside = backups.set_aside(path)
    report = aside.with_suffix(".txt")
    if outcome.losses:
        lines = "".join(f"{loss}\n" for loss in outcome.losses)
        private_files.make_file(report)
        report.write_text(lines, encoding="utf-8")
    ready.replace(path)
    checking.flag(path).unlink(missing_ok=True)
    sqlite.sync_folder(path.parent)
    _drop(path)
    return _sentence(path, aside if "" in outcome.seen else None, outcome, report)


def _waiting(path: Path) -> tuple[Path, Path]:
    return path.with_name(path.name + _READY), path.with_name(path.name + _TOLD)


def _drop(path: Path) -> None:
    for one in _waiting(path):
        one.unlink(missing_ok=True)


def counted(number: int, noun: str) -> str:
    """Return a number of things as one says it; the first word of a noun takes the plural."""
    first, *rest = noun.split(" ")
    return " ".join([str(number), first if number == 1 else f"{first}s", *rest])


def _sentence(path: Path, aside: Path | None, outcome: Outcome, report: Path) -> str:
    got, losses = outcome.got, outcome.losses
    if aside is None:
        said = [f"{path} was missing: {got} were taken from its backups and its step log"]
        if not outcome.from_log:
            said = [f"{path} was missing: {got} were taken from its newest backups"]
    else:
        sources = [
            f"{counted(count, 'step')} of them from {name}"
            for count, name in ((outcome.from_log, "its step log"), (outcome.taken, "a backup"))
            if count
        ]
        said = [", ".join([f"{path} {outcome.what}: {got} were recovered", *sources])]
    said += losses[:_NAMED]
    if len(losses) > _NAMED:
        said.append(f"{len(losses) - _NAMED} more are named in {report}")
    if outcome.unknown:
        lost = ", and is lost unless the file is found again" if aside is None else ""
        said.append(f"{outcome.unknown}, cannot be known{lost}")
    elif not losses:
        said.append("no loss was found")
    kept = "" if aside is None else f" The damaged file is {aside}."
    if aside is not None and outcome.what != "was damaged":
        kept = f" The file as it was is {aside}."
    return f"{'; '.join(said)}.{kept}"
