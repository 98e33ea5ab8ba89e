"""Which film a row of a table means: the one rule by which names and film files find each other.

Tables come from other computers: with the folders, the separators (`D:\\films\\001.PNG`), the case
of letters, the endings and the composed or decomposed accents of where they were written. What a
row says is compared from its last part backwards. A film is taken only where no other fits as well,
and each film by one row alone; all else is handed back by name, for whoever asked to tell.

A spreadsheet makes the number 1 of the film 001. That is taken for it only where the table has no
name left that begins with a nought, and one film alone has that number; and it is told.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cephview.formats.families import FILM_SUFFIXES

# Endings of pictures of which a film may be a copy. Anything else after a dot belongs to the name,
# as in a DICOM file that is called by its UID.
ENDINGS = (
    *FILM_SUFFIXES, ".dic", ".ima", ".jpe", ".jfif", ".jp2", ".j2k", ".webp", ".heic", ".heif",
    ".avif", ".gif",
)  # fmt: skip


@dataclass(frozen=True)
class Pairing:
    """What became of every row of a table and of every film.

    pairs: row to film. by_name_alone: those of them whose folders differ from what the row says.
    by_number_alone: those of them that lost the noughts with which the film's name begins.
    absent: rows without a film. ambiguous: rows with the films that fit them equally well, or whose
    film another row fits equally well. changed: rows that tell a digest which no film has, although
    one has the name. unused: films that no row means.
    """

    pairs: Mapping[str, Path] = field(default_factory=dict)
    by_name_alone: tuple[str, ...] = ()
    by_number_alone: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    ambiguous: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    changed: Mapping[str, Path] = field(default_factory=dict)
    unused: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Fit:
    """How well a film fits a row, smaller is better in each part.

    spelling: 0 for the very name, 1 but for the case, 2 but for the ending, 3 but for both.
    differs: the folders contradict each other. apart: minus the number of last parts in common.
    """

    spelling: int
    differs: bool
    apart: int

    def is_better(self, other: "_Fit") -> bool:
        mine = (self.spelling, self.differs, self.apart)
        theirs = (other.spelling, other.differs, other.apart)
        return mine != theirs and all(a <= b for a, b in zip(mine, theirs, strict=True))


def without_ending(name: str) -> str:
    """Return the last part of a file's name less the ending of a picture, if it has one."""
    name = _parts(name)[-1]
    for ending in ENDINGS:
        if len(name) > len(ending) and name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def pair(
    rows: Sequence[str],
    films: Sequence[Path],
    base: Path | None = None,
    *,
    digests: Mapping[str, str] | None = None,
    digest_of: Callable[[Path], str] | None = None,
) -> Pairing:
    """Pair rows of a table, films as it names them, with film files.

    base: the folder in which the films were looked for; what lies above it says nothing against a
    film. digests: SHA-256 by row, where the table tells them; digest_of reads a film's. A digest
    goes before every name.
    """
    known = _by_digest(rows, films, digests or {}, digest_of)
    taken = set(known.values())
    left = [row for row in rows if row not in known]
    index: dict[str, list[Path]] = {}
    for film in films:
        if film not in taken:
            index.setdefault(_key(film.name), []).append(film)
    often = Counter(map(_key, left))
    fits = {row: _fits(row, index.get(_key(row), ()), base, often[_key(row)] == 1) for row in left}
    pairs, absent, ambiguous = _settled(fits)
    told = digests if digests and digest_of else {}
    free = set(films) - taken - set(pairs.values())
    nameless = [row for row in absent if not told.get(row)]
    numbered, unclear = _by_number(rows, nameless, [film for film in films if film in free])
    absent -= numbered.keys() | unclear.keys()
    ambiguous |= unclear
    changed = {row: film for row, film in pairs.items() if told.get(row)}
    pairs = {row: film for row, film in pairs.items() if row not in changed}
    everything = known | pairs | numbered
    return Pairing(
        {row: everything[row] for row in rows if row in everything},
        tuple(row for row in pairs if fits[row][pairs[row]].differs),
        tuple(numbered),
        tuple(row for row in rows if row in absent),
        ambiguous,
        changed,
        tuple(f for f in films if f not in {*everything.values(), *changed.values()}),
    )


def sha256_of(path: Path) -> str:
    """Return the digest of a file, "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def distinct_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Return a name for each of different files: its own, with folders as far as they tell it."""
    names = {path: path.name for path in paths}
    for depth in range(2, max((len(path.parts) for path in paths), default=0) + 1):
        met: dict[str, int] = {}
        for name in names.values():
            met[name] = met.get(name, 0) + 1
        if all(count == 1 for count in met.values()):
            break
        names = {
            path: "/".join(path.parts[-depth:]) if met[name] > 1 else name
            for path, name in names.items()
        }
    return names


def _by_digest(
    rows: Sequence[str],
    films: Sequence[Path],
    digests: Mapping[str, str],
    digest_of: Callable[[Path], str] | None,
) -> dict[str, Path]:
    if not any(digests.get(row) for row in rows) or digest_of is None:
        return {}
    there: dict[str, list[Path]] = {}
    for film in films:
        there.setdefault(digest_of(film), []).append(film)
    found = {}
    for row in rows:
        # Copies of one file are one film; the one of that name is the one a user expects.
        copies = there.get(digests.get(row, ""), [])
        if copies:
            found[row] = min(copies, key=lambda film: (_key(film.name) != _key(row), str(film)))
    return found


def _by_number(
    rows: Sequence[str], absent: Collection[str], films: Iterable[Path]
) -> tuple[dict[str, Path], dict[str, tuple[Path, ...]]]:
    """Find rows that are but a number by the number of films called 001 or alike.

    Returns rows with their film, and rows that several films fit.
    """
    if any(_is_padded(row) for row in rows):
        return {}, {}
    padded: dict[str, list[Path]] = {}
    for film in films:
        name = without_ending(film.name)
        if _is_padded(name):
            padded.setdefault(name.lstrip("0") or "0", []).append(film)
    fit = {row: tuple(padded[row]) for row in absent if row in padded}
    return (
        {row: found[0] for row, found in fit.items() if len(found) == 1},
        {row: found for row, found in fit.items() if len(found) > 1},
    )


def _is_padded(name: str) -> bool:
    return len(name) > 1 and name.startswith("0") and name.isascii() and name.isdigit()


def _fits(
    row: str, films: Iterable[Path], base: Path | None, is_only_row: bool
) -> dict[Path, _Fit]:
    films = list(films)
    parts = _parts(row)
    found = {}
    for film in films:
        own = _parts(str(film.absolute()))
        common = _common(parts, own)
        below = len(film.relative_to(base).parts) if base and film.is_relative_to(base) else 1
        differs = common < min(len(parts), below)
        # Only the name is left to go by; that is enough where neither side has it twice.
        if not differs or (is_only_row and len(films) == 1):
            found[film] = _Fit(_spelling(parts[-1], own[-1]), differs, -common)
    return found


def _settled(
    fits: Mapping[str, Mapping[Path, _Fit]],
) -> tuple[dict[str, Path], set[str], dict[str, tuple[Path, ...]]]:
    claims: dict[Path, list[str]] = {}
    open_rows: dict[str, tuple[Path, ...]] = {}
    absent: set[str] = set()
    for row, films in fits.items():
        best = tuple(
            film
            for film, fit in films.items()
            if not any(other.is_better(fit) for other in films.values())
        )
        if len(best) == 1:
            claims.setdefault(best[0], []).append(row)
        elif best:
            open_rows[row] = best
        else:
            absent.add(row)
    pairs: dict[str, Path] = {}
    ambiguous: dict[str, tuple[Path, ...]] = {}
    for film, rows in claims.items():
        best_rows = [
            row for row in rows if not any(fits[r][film].is_better(fits[row][film]) for r in rows)
        ]
        if len(best_rows) == 1:
            pairs[best_rows[0]] = film
        else:
            ambiguous |= dict.fromkeys(best_rows, (film,))
        absent |= set(rows) - set(best_rows)
    taken = set(pairs.values())
    for row, candidates in open_rows.items():
        free = tuple(film for film in candidates if film not in taken)
        if free:
            ambiguous[row] = free
        else:
            absent.add(row)
    return pairs, absent, ambiguous


def _parts(name: str) -> list[str]:
    """Return folders and name, at least one part, whatever computer they were written on."""
    parts = re.split(r"[/\\]", unicodedata.normalize("NFC", name.strip()))
    kept = [p for p in parts if p not in ("", ".") and not re.fullmatch("[A-Za-z]:", p)]
    return kept or [name]


def _key(name: str) -> str:
    return without_ending(name).casefold()


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many last parts are the same; the last ones of all are known to fit."""
    count = 1
    while count < min(len(first), len(second)):
        if first[-count - 1].casefold() != second[-count - 1].casefold():
            break
        count += 1
    return count


def _spelling(first: str, second: str) -> int:
    if first == second:
        return 0
    if first.casefold() == second.casefold():
        return 1
    return 2 if without_ending(first) == without_ending(second) else 3
