"""A damaged workspace becomes a new one that holds what can be read; the loss is named by film."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from cephview.core.reading import FIRST, Reading, Start
from cephview.core.scale import Provenance
from cephview.core.tracing import Tracing
from cephview.store import backups, journal, schema, sqlite
from cephview.store.errors import told_as_store_errors
from cephview.store.journal import Kind, Revision
from cephview.store.mending import Tell, tell_nobody
from cephview.store.recovered import Outcome, counted, put_in_place, stamps
from cephview.store.salvage import Fields, Salvage, completed, salvaged
from cephview.store.schema import metadata

_RECOVERER = "recovery"
# How far it is when the file has been read, and when its films have been rebuilt.
_READ, _REBUILT = 0.4, 0.7


@dataclass(frozen=True)
class Recovered:
    """A reading of a film as it could be read. loss is a part of a sentence, empty without loss.

    total is how many points there are to place, where landmarks added since its last step count.
    """

    name: str
    revisions: tuple[Fields, ...]
    present: Tracing | None
    loss: str = ""
    total: int | None = None


def recover(path: Path, tell: Tell = tell_nobody) -> str:
    """Put what can be read in the place of a damaged database file; return what to say of it.

    The damaged file is set aside as it is, with a list of losses beside it. What it lost is taken
    from the backups where they have it. Raises StoreError, with nothing changed, where no film can
    be read from any of them, or another window has the file open. May be ended at any moment: the
    new file is only put in place when it is whole, and then finished() does the rest.
    """
    with told_as_store_errors(path):
        if path.exists():
            sqlite.refuse_if_open(path)
        seen = stamps(path)
        found = salvaged(path, lambda share: tell(_READ * share))
        taken = 0
        for kept in reversed(_backups(path)):
            if found.digests and not _is_lacking(found):
                break
            taken += completed(found, salvaged(kept))
        if not found.digests:
            raise sqlite.damaged(path)
        nameless_readings = _name_readings(found)
        numbers, traced = found.numbers, found.traced
        films = {}
        for n, one in enumerate(traced):
            films[one] = _recovered(found, *one, numbers.get(one, []))
            tell(_READ + (_REBUILT - _READ) * n / len(traced))
        losses = [f"{film.name} {film.loss}" for film in films.values() if film.loss]
        losses += [f"the reader of {name} can no longer be told" for name in nameless_readings]
        nameless = _nameless(found, films.values())
        if nameless:
            losses.append(f"{counted(nameless, 'step')} of films that cannot be told are lost")
        steps = sum(len(film.revisions) for film in films.values())
        got = f"{counted(len(found.digests), 'film')} with {counted(steps, 'step')}"
        new = path.with_name(path.name + ".recovering")
        new.unlink(missing_ok=True)
        try:
            _write(new, found, films, lambda share: tell(_REBUILT + (1 - _REBUILT) * share))
            return put_in_place(path, new, Outcome(got, taken, tuple(losses), seen))
        finally:
            new.unlink(missing_ok=True)


def _backups(path: Path) -> list[Path]:
    migrated = sorted((path.parent / backups.FOLDER).glob(f"{path.stem}-version-*{path.suffix}"))
    return [*migrated, *backups.backups(path)]


def _is_lacking(found: Salvage) -> bool:
    last = found.sequences.get("revisions")
    return (
        last is None
        or last > len(found.revisions)
        or any(sha256 not in found.films for sha256 in found.digests)
        or found.sequences.get("landmarks", 0) > len(found.landmarks)
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
                "author": _RECOVERER,
                "at": at,
            }
    return named


def _film_name(found: Salvage, sha256: str) -> str:
    return found.films.get(sha256, {}).get("name") or f"the film {sha256[:12]}"


def _recovered(found: Salvage, sha256: str, reading: int, numbers: list[int]) -> Recovered:
    """Rebuild one reading of a film: its steps as far as they follow, and its present tracing.

    numbers are those of its revisions that are left, in order.
    """
    name = _film_name(found, sha256)
    if reading != FIRST.number:
        said = found.readings[reading]
        label = Reading(reading, said["reader"], Start(said["start"])).label
        name = f"{name} ({label})"
    kept = found.tracings.get((sha256, reading))
    present = _read_present(kept)
    last = max([*numbers, kept["number"] if kept and present else 0])
    rows = _following([found.revisions[sha256, reading, number] for number in numbers])
    missing = sorted(set(range(1, last + 1)) - {row["number"] for row in rows})
    history = journal.replay(_revisions(rows))
    if present is None or kept is None or kept["number"] < last:
        if history is None:
            return Recovered(name, (), None, f"lost {_steps(missing)}, and all its points")
        loss = f"lost {_steps(missing)}" if missing else ""
        return Recovered(name, tuple(rows), history.present, loss)
    if history is None:
        row = _commit(kept, 1, journal.first_difference(present))
        return Recovered(name, (row,), present, _undo_loss(missing), kept["total"])
    # What users said of the scale is kept with the film, and so is no loss of a step.
    present = present.scaled(history.present.scale)
    bridge = journal.difference(history.present, journal.aligned(present, history.present))
    if bridge:
        rows.append(_commit(kept, last + 1, bridge))
    return Recovered(name, tuple(rows), present, _undo_loss(missing), kept["total"])


def _following(rows: list[Fields]) -> list[Fields]:
    """Return the steps that can be followed.

    A commit says where points lie, whatever came before it; an undo or a redo across a lost step
    would lead to another tracing than it did, so it ends what can be followed.
    """
    followed: list[Fields] = []
    back, forth = 0, 0
    for row in rows:
        is_gap = row["number"] != (followed[-1]["number"] if followed else 0) + 1
        if is_gap:
            back, forth = 0, 0
        if row["kind"] == Kind.COMMIT:
            if not _can_be_read(row, is_first=not followed):
                continue
            back, forth = back + 1, 0
        else:
            step = 1 if row["kind"] == Kind.REDO else -1
            back, forth = back + step, forth - step
            if back < 0 or forth < 0:
                break
        followed.append(row)
    return followed


def _can_be_read(row: Fields, *, is_first: bool) -> bool:
    try:
        change = row["change"] if is_first else journal.begun_like(row["change"])
        journal.replay([Revision(1, Kind.COMMIT, change)])
    except ValueError:
        return False
    return True


def _commit(kept: Fields, number: int, change: str) -> Fields:
    return {
        "film": kept["film"],
        "reading": kept["reading"],
        "number": number,
        "kind": Kind.COMMIT.value,
        "author": _RECOVERER,
        "at": kept["updated_at"],
        "change": change,
    }


def _read_present(kept: Fields | None) -> Tracing | None:
    try:
        return None if kept is None else journal.tracing_from_json(kept["present"])
    except ValueError:
        return None


def _revisions(rows: Iterable[Fields]) -> list[Revision]:
    return [Revision(row["number"], Kind(row["kind"]), row["change"]) for row in rows]


def _write(new: Path, found: Salvage, films: dict[tuple[str, int], Recovered], tell: Tell) -> None:
    engine = sqlite.open_engine(new, writable=True, enforces_keys=True)
    try:
        with engine.execution_options(is_write=True).begin() as connection:
            metadata.create_all(connection)
            connection.execute(
                schema.meta.insert().values(key="schema", value=str(schema.SCHEMA_VERSION))
            )
            known = found.digests
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
                        connection.execute(metadata.tables[name].insert().values(rows[row_id]))
            # Of a session that was ended from outside the recovery has said all that is known.
            ended = schema.sessions.update().where(schema.sessions.c.closed_at == "")
            connection.execute(ended.values(closed_at=schema.sessions.c.opened_at))
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
        "name": _film_name(found, sha256),
        "width": 0,
        "height": 0,
        "patient": "",
        "file_provenance": Provenance.UNKNOWN.value,
        "added_at": min(
            (film.revisions[0]["at"] for film in readings if film.revisions), default=""
        ),
    }
    connection.execute(schema.films.insert().values(found.films.get(sha256) or unknown))


def _write_reading(connection: Connection, traced: tuple[str, int], film: Recovered) -> None:
    if film.revisions:
        rows = [{k: v for k, v in row.items() if k != "id"} for row in film.revisions]
        connection.execute(schema.revisions.insert(), rows)
    if film.present is not None:
        last = film.revisions[-1]
        known = {} if film.total is None else {"total": film.total}
        connection.execute(
            schema.tracings.insert().values(
                film=traced[0],
                reading=traced[1],
                number=last["number"],
                present=journal.tracing_to_json(film.present.scaled(None)),
                updated_at=last["at"],
                **(journal.counts(film.present) | known),
                **journal.view(film.present),
            )
        )


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


def _undo_loss(missing: list[int]) -> str:
    if not missing:
        return ""
    return f"has all its points, but {_steps(missing)} can no longer be undone one by one"


def _steps(numbers: list[int]) -> str:
    """Return numbers as people write them: "step 3", "steps 3 to 5, 9"."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    said = ", ".join(" to ".join(map(str, span)) for span in spans)
    return f"{'step' if len(numbers) == 1 else 'steps'} {said}"
