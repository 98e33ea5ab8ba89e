"""A reading of a film made anew from the steps that are left of it, and the loss named."""

from collections.abc import Iterable
from dataclasses import dataclass

from cephview.core.reading import FIRST, Reading, Start
from cephview.core.tracing import Tracing
from cephview.store import journal
from cephview.store.journal import Kind, Revision
from cephview.store.rows import Fields
from cephview.store.salvage import Salvage

# Who signs what recovery itself must append or name.
RECOVERER = "recovery"


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


def film_name(found: Salvage, sha256: str) -> str:
    """Return the name of a film, or what is left to call it by."""
    return found.films.get(sha256, {}).get("name") or f"the film {sha256[:12]}"


def rebuilt(
    found: Salvage, sha256: str, reading: int, numbers: list[int], expected: int
) -> Recovered:
    """Rebuild one reading of a film: its steps as far as they follow, and its present tracing.

    numbers are those of its revisions that are left, in order; expected is how many there were, 0
    where nobody knows.
    """
    name = film_name(found, sha256)
    if reading != FIRST.number:
        said = found.readings[reading]
        label = Reading(reading, said["reader"], Start(said["start"])).label
        name = f"{name} ({label})"
    kept = found.tracings.get((sha256, reading))
    present = _read_present(kept)
    last = max([*numbers, kept["number"] if kept and present else 0])
    rows = _following([found.revisions[sha256, reading, number] for number in numbers])
    missing = sorted(set(range(1, max(last, expected) + 1)) - {row["number"] for row in rows})
    beyond = [number for number in missing if number > last]
    history = journal.replay(_revisions(rows))
    if present is None or kept is None or kept["number"] < last:
        if history is None:
            return Recovered(name, (), None, f"lost {said_steps(missing)}, and all its points")
        loss = f"lost {said_steps(missing)}" if missing else ""
        return Recovered(name, tuple(rows), history.present, loss)
    missing = missing[: len(missing) - len(beyond)]
    gone = f"lost {said_steps(beyond)}" if beyond else ""
    if history is None:
        row = _commit(kept, 1, journal.first_difference(present))
        loss = "; it ".join(filter(None, (gone, _undo_loss(missing))))
        return Recovered(name, (row,), present, loss, kept["total"])
    # What users said of the scale is kept with the film, and so is no loss of a step.
    present = present.scaled(history.present.scale)
    bridge = journal.difference(history.present, journal.aligned(present, history.present))
    if bridge and not missing:
        # Its steps are all there, and are what was done; the tracing was made from them.
        odd = "was kept with other points than those of its last step, which are back: look at them"
        loss = "; it ".join(filter(None, (gone, odd)))
        return Recovered(name, tuple(rows), history.present, loss)
    if bridge:
        rows.append(_commit(kept, last + 1, bridge))
    loss = "; it ".join(filter(None, (gone, _undo_loss(missing))))
    return Recovered(name, tuple(rows), present, loss, kept["total"])


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
        "author": RECOVERER,
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


def _undo_loss(missing: list[int]) -> str:
    if not missing:
        return ""
    return f"has all its points, but {said_steps(missing)} can no longer be undone one by one"


def said_steps(numbers: list[int]) -> str:
    """Return numbers as people write them: "step 3", "steps 3 to 5, 9"."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    said = ", ".join(" to ".join(map(str, span)) for span in spans)
    return f"{'step' if len(numbers) == 1 else 'steps'} {said}"
