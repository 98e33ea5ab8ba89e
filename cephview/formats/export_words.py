"""What an export holds, in words: before it is written, and after."""

from cephview.formats.exported import Written


def plan_sentence(written: Written) -> str:
    """Say what an export will hold and what it will leave out."""
    if not written.films:
        if not written.left_out:
            return "There is nothing to write: these films have no points yet."
        return (
            "There is nothing to write yet: no person placed or confirmed a point there. Confirm "
            f"points, or include the {counted(written.left_out, 'point')} nobody checked."
        )
    return f"{', '.join(_held(written))}.{_left_out(written)}"


def export_sentence(name: str, written: Written) -> str:
    """Say what an export that was written holds and what it leaves out."""
    left = _left_out(written)
    if left:
        left = f"{left[:-1]}; “Include points nobody checked” adds them."
    if not written.films:
        return f"Wrote {name} without any point: no person placed or confirmed one yet.{left}"
    return f"Wrote {name}: {', '.join(_held(written))}.{left}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 film, 2 films."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _held(written: Written) -> list[str]:
    held = [
        counted(written.films, "film"),
        f"{counted(written.truths, 'point')} that a person placed or confirmed",
    ]
    if written.hidden:
        held.append(f"{written.hidden} marked as not visible")
    if written.unsure:
        held.append(f"{counted(written.unsure, 'point')} that its reader is unsure of")
    if written.unchecked:
        held.append(f"{counted(written.unchecked, 'unchecked point')} marked as the model's")
    return held


def _left_out(written: Written) -> str:
    if not written.left_out:
        return ""
    return f" {counted(written.left_out, 'unchecked point')} left out."
