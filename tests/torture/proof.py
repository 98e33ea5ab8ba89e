"""What a workspace still holds, compared with what it acknowledged."""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from cephview.core.tracing import Tracing
from cephview.store import journal
from cephview.store.journal import Kind, Revision


@dataclass
class Verdict:
    """lost: acknowledged steps that are not there as they were. half: what does not fit together.

    changed: films whose present points are not those of the last acknowledged step or later.
    """

    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    steps: int = 0


def digest(tracing: Tracing) -> str:
    """Return what tells a tracing from any other."""
    return hashlib.sha256(journal.tracing_to_json(tracing).encode()).hexdigest()


def judge(
    database: Path, acknowledged: Mapping[str, Mapping[int, str]], *, is_in_use: bool = False
) -> Verdict:
    """Compare a database, on a copy of it and its log, with film -> number -> digest.

    is_in_use: a window is at work on it, so that a copy of both files would be of two moments.
    """
    verdict = Verdict()
    with tempfile.TemporaryDirectory(prefix="cephview-torture-") as folder:
        copy = Path(folder) / database.name
        if is_in_use:
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as to:
                source.backup(to)
        else:
            for suffix in ("", "-wal"):
                source_file = database.with_name(database.name + suffix)
                if source_file.exists():
                    shutil.copyfile(source_file, copy.with_name(copy.name + suffix))
        with closing(sqlite3.connect(copy)) as connection:
            try:
                checked = connection.execute("PRAGMA integrity_check(1)").fetchall()
                strangers = connection.execute("PRAGMA foreign_key_check").fetchall()
                found = connection.execute("SELECT DISTINCT film FROM revisions").fetchall()
            except sqlite3.DatabaseError as error:
                verdict.half.append(f"the file cannot be read: {error}")
                return verdict
            if checked != [("ok",)]:
                verdict.half.append("the file is damaged")
            if strangers:
                verdict.half.append("a row refers to a film that is not there")
            films = {film for (film,) in found}
            for film in sorted(films | set(acknowledged)):
                try:
                    _judge_film(connection, film, acknowledged.get(film, {}), verdict)
                except (sqlite3.DatabaseError, ValueError) as error:
                    verdict.half.append(f"{film[:8]} cannot be read: {error}"[:90])
    return verdict


def _judge_film(
    connection: sqlite3.Connection, film: str, said: Mapping[int, str], verdict: Verdict
) -> None:
    rows = connection.execute(
        "SELECT number, kind, change FROM revisions WHERE film = ? ORDER BY number", (film,)
    ).fetchall()
    verdict.steps += len(rows)
    revisions = [Revision(number, Kind(kind), change) for number, kind, change in rows]
    if [revision.number for revision in revisions] != list(range(1, len(revisions) + 1)):
        verdict.half.append(f"the steps of {film[:8]} have a gap")
    there: dict[int, str] = {}
    try:
        for revision, _, new in journal.walked(revisions, [], []):
            there[revision.number] = digest(new)
    except ValueError as error:
        verdict.half.append(f"the steps of {film[:8]} do not follow: {error}")
    verdict.lost += [f"{film[:8]}:{n}" for n, was in said.items() if there.get(n) != was]
    present = connection.execute(
        "SELECT number, present FROM tracings WHERE film = ?", (film,)
    ).fetchone()
    if present is None:
        if said:
            verdict.changed.append(film[:8])
        return
    now = digest(journal.tracing_from_json(present[1]))
    if there and (present[0], now) != (max(there), there[max(there)]):
        verdict.half.append(f"the points of {film[:8]} are not those of its last step")
    if said and present[0] <= max(said) and now != said[max(said)]:
        verdict.changed.append(film[:8])
