"""Hostile films: whatever opens must be the film it was, of a size that a film can have."""

import random
from pathlib import Path

import numpy as np
import of_dicom
import of_pictures
from specimen import Specimen, Spoilt
from trial import Outcome, Verdict

from cephview.core.film import Film
from cephview.formats import FormatError, open_film, thumbnail

TALLEST_MM = 1000.0
SHORTEST_MM = 40.0


class Films:
    """Films in every format that is read, one spoilt at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        sound = [(name, ".dcm", data, of_dicom.spoil) for name, data in of_dicom.sound()]
        self._specimens = []
        for name, suffix, data, spoil in (*sound, *of_pictures.sound()):
            path = folder / f"sound{suffix}"
            path.write_bytes(data)
            self._specimens.append(Specimen(name, suffix, data, spoil, open_film(path).pixels))

    def trial(self, rng: random.Random) -> Verdict:
        specimen = rng.choice(self._specimens)
        spoilt = specimen.spoil(rng, specimen.data)
        path = self._folder / f"film{specimen.suffix}"
        path.write_bytes(spoilt.data)
        what = f"{specimen.name}, {spoilt.what}"
        try:
            film = open_film(path)
        except FormatError as error:
            return told(str(error), path.name, what)
        try:
            small = thumbnail(path, 96)
        except FormatError as error:
            return Verdict(Outcome.WRONG, f"{what}: opens, but no thumbnail: {error}")
        fault = _fault(film, small.shape, specimen, spoilt)
        return Verdict(Outcome.WRONG, f"{what}: {fault}") if fault else Verdict(Outcome.OK, what)


def told(sentence: str, name: str, what: str) -> Verdict:
    """Judge what is said of an input that is refused: one line that names it."""
    if name not in sentence or "\n" in sentence or not 20 < len(sentence) < 600:
        return Verdict(Outcome.WRONG, f"{what}: not a sentence on the file: {sentence[:300]!r}")
    return Verdict(Outcome.TOLD, f"{what}: {sentence}")


def _fault(film: Film, small: tuple[int, ...], sound: Specimen, spoilt: Spoilt) -> str:
    """Return what is wrong with a film that was opened; empty where nothing is."""
    scale = film.pixel_size.mm_per_px()
    if scale is not None:
        height_mm, aspect = film.height * scale[1], scale[1] / scale[0]
        if not SHORTEST_MM <= height_mm <= TALLEST_MM or not 0.5 <= aspect <= 2:
            return f"a film {height_mm:.3g} mm tall, pixels {aspect:.3g} as tall as wide"
    if max(small) > 96:
        return f"a thumbnail of {small}"
    pixels = sound.pixels
    if film.pixels.shape != pixels.shape:
        if film.pixels.size == pixels.size or spoilt.may_shrink:
            return ""
        return f"{film.pixels.shape} for {pixels.shape}"
    if spoilt.keeps_picture and not np.array_equal(film.pixels, pixels):
        return "another picture, though nothing it depends on was changed"
    # A JPEG carries no sum: damage that can be decoded is told by nothing but a picture all gone.
    most = 0.9 if "jpeg" in sound.name.lower() else max(0.4, 4 * _flat(pixels))
    if _flat(film.pixels) > most:
        return f"{_flat(film.pixels):.0%} of the picture is one grey"
    return ""


def _flat(pixels: "np.ndarray") -> float:
    """Return the share of the commonest grey."""
    return float(np.unique(pixels, return_counts=True)[1].max() / pixels.size)
