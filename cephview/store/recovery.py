"""A damaged workspace becomes a new one that holds what can be read; the loss is named by film."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from cephview.core.reading import FIRST, Start
from cephview.core.scale import Provenance
from cephview.store import backups, journal, lacking, schema, sqlite, step_log
from cephview.store.checksums import with_checksum
from cephview.store.errors import told_as_store_errors
from cephview.store.mending import Tell, tell_nobody
from cephview.store.rebuilding import RECOVERER, Recovered, film_name, rebuilt, said_steps
from cephview.store.recovered import Outcome, counted, put_in_place, stamps
from cephview.store.rows import Fields
from cephview.store.salvage import Salvage, completed, logged, salvaged, with_newest_films
from cephview.store.schema import metadata
from cephview.store.sessions import clock
from cephview.store.step_log import StepLog

_OTHER_ROWS = {
    "scales": "scale of a film",
    "readings": "reading",
    "active_models": "choice of a model",
    "work": "time of work",
    "landmarks": "change of landmarks",
}
# How far it is when the file has been read, and when its films have been rebuilt.
_READ, _REBUILT = 0.4, 0.7


def recover(path: Path, tell: Tell = tell_nobody, what: str = "was damaged") -> str:
    """Put what can be read in the place of a damaged database file; return what to say of it.

    what says why, as the end of a sentence that begins with the file's name. The file is set aside
    as it is, with a list of losses beside it. What it lost is taken from its step log, and from the
    backups where they have it. Raises StoreError, with nothing changed, where no film can
    be read from any of them, or another window has the file open. May be ended at any moment: the
    new file is only put in place when it is whole, and then finished() does the rest.
    """
    with told_as_store_errors(path):
        if path.exists():
            sqlite.refuse_if_open(path)
        seen = stamps(path)
        found = salvaged(path, lambda share: tell(_READ * share))
        is_empty = not found.digests
        log = _step_log(path, found)
        expected = lacking.expected(log) if log is not None else {}
        from_log = 0
        apart: lacking.Numbers = {}
        if log is not None:
            with_newest_films(found, log.written)
            from_log, apart = completed(found, logged(log.written))
        from_backups, used = 0, []
        for kept in reversed(_backups(path)):
            if found.digests and not _is_lacking(found, expected):
                break
            from_backups += completed(found, salvaged(kept))[0]
            used.append(kept)
        if not found.digests and not found.meta:
            raise sqlite.damaged(path, what)
        unknown = "" if _is_all_told(path, found, log) else _since(found, used if is_empty else [])
        gaps = found.gaps()
        nameless_readings = _name_readings(found)
        numbers, traced = found.numbers, sorted({*found.traced, *expected})
        films = {}
        for n, one in enumerate(traced):
            films[one] = rebuilt(found, *one, numbers.get(one, []), expected.get(one, 0))
            tell(_READ + (_REBUILT - _READ) * n / len(traced))
        losses = [f"{film.name} {film.loss}" for film in films.values() if film.loss]
        losses += [f"the reader of {name} can no longer be told" for name in nameless_readings]
        for (sha256, _), gone in apart.items():
            name = film_name(found, sha256)
            losses.append(f"{name} went another way than {said_steps(gone)} of its step log")
        # A reading that has steps was named.
        gaps["readings"] = gaps.get("readings", 0) - len(nameless_readings)
        losses += [
            f"{counted(count, name)} can no longer be told"
            for table, name in _OTHER_ROWS.items()
            if (count := gaps.get(table, 0)) > 0
        ]
        nameless = 0 if log is not None and not log.is_damaged else _nameless(found, films.values())
        if nameless:
            losses.append(f"{counted(nameless, 'step')} of films that cannot be told are lost")
        steps = sum(len(film.revisions) for film in films.values())
        got = f"{counted(len({*found.digests, *dict(traced)}), 'film')} with "
        got += counted(steps, "step")
        new = path.with_name(path.name + ".recovering")
        new.unlink(missing_ok=True)
        try:
            _write(new, found, films, lambda share: tell(_REBUILT + (1 - _REBUILT) * share))
            outcome = Outcome(
                got,
                from_backups,
                tuple(losses),
                seen,
                from_log=from_log,
                unknown=unknown,
                what=what,
            )
            return put_in_place(path, new, outcome)
        finally:
            new.unlink(missing_ok=True)


def _backups(path: Path) -> list[Path]:
    migrated = sorted((path.parent / backups.FOLDER).glob(f"{path.stem}-version-*{path.suffix}"))
    return [*migrated, *backups.backups(path)]


def _step_log(path: Path, found: Salvage) -> StepLog | None:
    """Return the step log of a file unless there is none, or it is that of another workspace."""
    log = step_log.read(path)
    if log is None or log.head is None:
        return log
    return (
        log if found.meta.get(schema.IDENTITY, log.head.workspace) == log.head.workspace else None
    )


def _is_all_told(path: Path, found: Salvage, log: StepLog | None) -> bool:
    """Whether it is known how much was ever kept: by the step log, else by a file that was closed.

    Of a session that did not close more may have been kept than its log still shows.
    """
    if log is not None:
        ids = {row["id"] for row in found.revisions.values()}
        return lacking.tells_all(log, lambda first, until: ids >= set(range(first, until + 1)))
    is_closed = all(session["closed_at"] for session in found.sessions.values())
    return is_closed and path.exists() and "revisions" in found.sequences


def _since(found: Salvage, used: list[Path]) -> str:
    """Say after what time it is not known what was done; used are backups that are all there is."""
    if used:
        made_at = datetime.fromtimestamp(used[0].stat().st_mtime, UTC).isoformat()
        return f"what was done after {clock(made_at)}, when its newest backup was made"
    last = max((row["at"] for row in found.revisions.values()), default="")
    if not last:
        return "whether more was done"
    return f"what was done after {clock(last)}, the time of the last step that is left"


def _is_lacking(found: Salvage, expected: dict[step_log.Traced, int]) -> bool:
    last = found.sequences.get("revisions")
    numbers = found.numbers
    return (
        last is None
        or any(len(numbers.get(traced, ())) < number for traced, number in expected.items())
        or last > len(found.revisions)
        or any(sha256 not in found.films for sha256 in found.digests)
        or bool(found.gaps())
    )


def _name_readings(found: Salvage) -> list[str]:
    """Give a row to every reading that something is known of; return the names given."""
    named = []
    for number in sorted({reading for _, reading in found.traced} - {FIRST.number}):
        if number not in found.readings:
            at = min(
                (row["at"] for key, row in found.revisions.items() if key[1] == number), default=""
            )
            named.append(f"reading {number}")
            found.readings[number] = {
                "id": number,
                "reader": named[-1],
                "start": Start.MODEL.value,
                "author": RECOVERER,
                "at": at,
            }
    return named


def _write(new: Path, found: Salvage, films: dict[tuple[str, int], Recovered], tell: Tell) -> None:
    engine = sqlite.open_engine(new, writable=True, enforces_keys=True)
    try:
        with engine.execution_options(is_write=True).begin() as connection:
            schema.create_tables(connection, found.meta.get(schema.IDENTITY, ""))
            known = list(dict.fromkeys([*found.digests, *(sha256 for sha256, _ in films)]))
            of_film: dict[str, list[Recovered]] = {sha256: [] for sha256 in known}
            for (sha256, _), film in films.items():
                of_film[sha256].append(film)
            for sha256 in known:
                _write_film(connection, sha256, found, of_film[sha256])
            for n, (traced, film) in enumerate(films.items()):
                _write_reading(connection, traced, film)
                tell(n / len(films))
            for name in ("scales", "active_models", "sessions", "work", "readings", "landmarks"):
                rows = getattr(found, name)
                for row_id in sorted(rows):
                    if rows[row_id].get("film") in (None, "") or rows[row_id]["film"] in of_film:
                        row = rows[row_id]
                        if row.get("closed_at") == "":
                            # Of a session that was ended from outside all that is known is said.
                            row = {**row, "closed_at": row["opened_at"]}
                        _insert(connection, name, [row])
    finally:
        engine.dispose()
    sqlite.leave_log(new)
    if sqlite.found_version(new) != schema.SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"{new} could not be written whole")
    sqlite.sync(new)


def _write_film(
    connection: Connection, sha256: str, found: Salvage, readings: list[Recovered]
) -> None:
    unknown = {
        "sha256": sha256,
        "path": b"",
        "name": film_name(found, sha256),
        "width": 0,
        "height": 0,
        "patient": "",
        "file_provenance": Provenance.UNKNOWN.value,
        "added_at": min(
            (film.revisions[0]["at"] for film in readings if film.revisions), default=""
        ),
    }
    _insert(connection, "films", [found.films.get(sha256) or unknown])


def _write_reading(connection: Connection, traced: tuple[str, int], film: Recovered) -> None:
    if film.revisions:
        rows = [{k: v for k, v in row.items() if k != "id"} for row in film.revisions]
        _insert(connection, "revisions", rows)
    if film.present is not None:
        last = film.revisions[-1]
        known = {} if film.total is None else {"total": film.total}
        row = {
            "film": traced[0],
            "reading": traced[1],
            "number": last["number"],
            "present": journal.tracing_to_json(film.present.scaled(None)),
            "updated_at": last["at"],
            **(journal.counts(film.present) | known),
            **journal.view(film.present),
        }
        _insert(connection, "tracings", [row])


def _insert(connection: Connection, name: str, rows: list[Fields]) -> None:
    table = metadata.tables[name]
    connection.execute(table.insert(), [with_checksum(table, row) for row in rows])


def _nameless(found: Salvage, films: Iterable[Recovered]) -> int:
    """Return how many steps the file once held that no film is known to lack."""
    ever = found.sequences.get("revisions", 0)
    last = max((row["id"] for row in found.revisions.values()), default=0)
    lacking = sum(
        max((r["number"] for r in film.revisions), default=0)
        - sum("id" in r for r in film.revisions)
        for film in films
    )
    return max(0, max(ever, last) - len(found.revisions) - lacking)
