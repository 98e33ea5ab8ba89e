"""Whether corrections can be a way of placing landmarks at all, before anything is learnt.

A paired test cannot tell a convention from a mistake that is made on every film: points shifted,
mirrored or mixed up alike would be learnt, and be better on the films held out. What a convention
is, the readers of one data set show (ISBI 2015, two doctors): it moves single landmarks along their
structures, soft-tissue pogonion by 9.1 mm, half of them by less than 1.3 mm, and leaves the head
where it is: all landmarks together move by 0.9 mm at most. So a head that is moved, turned
or scaled as a whole, mirrored, or of which two landmarks have changed places, is no convention, and
neither are points that lie nowhere near.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.training import TrainingError
from cephview.training.convention import MM_PER_HEIGHT, Moves
from cephview.training.evaluate import Evaluation

# All landmarks together: over three times what two readers show.
WHOLE_MM = 3.0
# The middle one of a film's moves: beyond any shift of a landmark, let alone of half of them.
FAR_MM = 10.0
# Two points have changed places where the other way round they lie nearer by so much.
SWAPPED = 0.6
# With fewer points on a film, the head as a whole cannot be told from its landmarks.
LEAST_POINTS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Placed:
    """Where the model and the hand have the points, (films, landmarks, 2), in mm or near it."""

    model: Floats
    hand: Floats

    @classmethod
    def of(cls, found: Evaluation, moves: Moves) -> "Placed":
        to_mm = MM_PER_HEIGHT / moves.px_per_share[:, None]
        hand = np.stack([film.points_px for film in found.labelled]) * to_mm
        return cls(hand - moves.shares * MM_PER_HEIGHT, hand)


def check(found: Evaluation, moves: Moves) -> None:
    """Raise TrainingError, with the reason, where corrections cannot be a convention."""
    placed = Placed.of(found, moves)
    reason = _is_mirrored(placed) or _is_elsewhere(placed) or _is_moved(placed)
    reason = reason or _is_swapped(placed, found)
    if reason:
        raise TrainingError(f"Nothing was learnt: {reason}.")


def _is_mirrored(placed: Placed) -> str:
    films, mirrored = 0, 0
    for model, hand in _as_complex(placed):
        films += 1
        total = float((np.abs(model) ** 2).sum() * (np.abs(hand) ** 2).sum())
        upright = abs((model.conj() * hand).sum()) ** 2
        reflected = abs((model * hand).sum()) ** 2
        # More than half of where the points lie is explained by a reflection.
        mirrored += reflected > upright and reflected > 0.5 * total
    if mirrored * 2 <= films:
        return ""
    return (
        f"on {mirrored} of {films} films the corrected points are the mirror image of where the "
        "model sees them; look at the films the way the face looks to the right, then correct them"
    )


def _is_moved(placed: Placed) -> str:
    """Compare the head as a whole: moved, turned, scaled, alike on the films."""
    shifts, turns, sizes = [], [], []
    for model, hand in zip(placed.model, placed.hand, strict=True):
        known = np.isfinite(hand).all(-1)
        if known.sum() < LEAST_POINTS:
            continue
        z, w = model[known] @ (1, 1j), hand[known] @ (1, 1j)
        off = z - z.mean()
        size = float((np.abs(off) ** 2).sum())
        shifts.append(w.mean() - z.mean())
        turns.append((off.conj() * w).sum() / size if size > 0 else 1.0)
        sizes.append(np.sqrt(size / len(z)))
    if len(shifts) < 2:
        return ""
    for what, effects in (
        ("moved", np.array(shifts)),
        ("turned or scaled", (np.array(turns) - 1.0) * np.array(sizes)),
    ):
        length = abs(effects.mean())
        error = float(np.sqrt((np.abs(effects - effects.mean()) ** 2).mean() / len(effects)))
        if length > WHOLE_MM and length > 2 * error:
            return (
                f"the corrections have the whole head {what}, which is no way of placing "
                "landmarks; check that the points belong to these films as they are on file"
            )
    return ""


def _is_elsewhere(placed: Placed) -> str:
    """Compare how far points lie from the model's, but for what moves all of a film alike."""
    rests = []
    for move in placed.hand - placed.model:
        known = move[np.isfinite(move).all(-1)]
        if len(known):
            middle = np.median(known, axis=0) if len(known) >= LEAST_POINTS else 0.0
            rests.append(np.median(np.linalg.norm(known - middle, axis=-1)))
    if float(np.median(rests)) <= FAR_MM:
        return ""
    return (
        "most corrected points lie much further from where the model sees them than ways of "
        "placing landmarks differ; check that the points belong to these films, and that the model "
        "can read films like them"
    )


def _is_swapped(placed: Placed, found: Evaluation) -> str:
    across = np.linalg.norm(placed.hand[:, :, None] - placed.model[:, None], axis=-1)
    own = np.diagonal(across, axis1=1, axis2=2)
    stay = own[:, :, None] + own[:, None]
    change = across + across.transpose(0, 2, 1)
    known = np.isfinite(stay)
    swapped, films = (known & (change < SWAPPED * stay)).sum(0), known.sum(0)
    doubt = np.triu((swapped * 2 > films) & (films >= 3), 1)
    pairs = [f"{found.landmarks[a]} and {found.landmarks[b]}" for a, b in np.argwhere(doubt)]
    if not pairs:
        return ""
    return (
        f"{', '.join(pairs[:3])} seem to have changed places on most films; put them right and try "
        "again"
    )


def _as_complex(placed: Placed) -> list[tuple[NDArray[np.complex128], NDArray[np.complex128]]]:
    """Return the centred points of each film with enough of them, as complex numbers."""
    films = []
    for model, hand in zip(placed.model, placed.hand, strict=True):
        known = np.isfinite(hand).all(-1)
        if known.sum() >= LEAST_POINTS:
            z, w = model[known] @ (1, 1j), hand[known] @ (1, 1j)
            films.append((z - z.mean(), w - w.mean()))
    return films
