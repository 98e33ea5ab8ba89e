"""Study: what a fine-tune makes of the films of another device.

Films are made anew as another device would have made them: fewer and softer pixels, another curve
of grey values, sharpened at the console, grainy, and the collimator closed on vault and neck. The
labels are the mean of both doctors, so that the device alone differs. Films of it are corrected and
learnt from as the program does it, and its other films measured before and after.

    python tests/studies/device_shift.py --data isbi2015 --model p1 --only 151-300 \
        --leave-out 173,201,... --device grainy --counts 5,10,20,50 --films 50
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import strange_pictures as pictures
from convention_shift import NEXT_FILMS, chosen, draw, learn, look, parser
from learning_steps import options, part, take_steps
from PIL import Image, ImageFilter
from tqdm import tqdm

from cephview.formats import open_film
from cephview.training.convention import shifted
from cephview.training.dataset import DataSet

# The factor of the pixels' number along a side, the exponent of the grey values, the blur in mm,
# how much is sharpened (per cent, over 1.5 mm), the noise as a share of the range, and the shares
# that are cut off: left, top, right, bottom.
DEVICES = {
    "grainy": (0.6, 1.6, 0.4, 80, 0.10, (0.05, 0.08, 0.0, 0.04)),
    "soft": (0.4, 0.6, 1.1, 0, 0.04, (0.05, 0.08, 0.0, 0.04)),
}


def main() -> None:
    known = options(parser(__doc__))
    known.add_argument("--device", choices=DEVICES, default="soft")
    known.add_argument("--by-steps", action="store_true", help="and take steps, from --films films")
    args = known.parse_args()
    own = chosen(args)
    other = of_device(own, args.device, args.cache)
    seen_own, seen = look(args, own), look(args, other)
    films = [*range(len(own.films))]
    truth = np.stack([film.points_px for film in own.films])
    moved = np.stack([film.points_px for film in other.films])
    as_scanned = seen_own.against(truth, films)[0].refined
    as_made = seen.against(moved, films)[0].refined
    print(f"{args.model.name}, {len(films)} films it was not trained on, device {args.device!r}")
    for name, found in (("as scanned", as_scanned), ("of the device", as_made)):
        print(f"  {name:<16}{found.mre:7.3f} mm {found.sdr['2']:6.1f} % within 2 mm")
    for count in (int(n) for n in args.counts.split(",")):
        rows = []
        for seed in range(args.seeds):
            taught, tested = draw(other, count, args.test, seed)
            if len(taught) < count or len(tested) < NEXT_FILMS:
                break
            is_better, _, shift = learn(*seen.against(moved[taught], taught), other)
            before, place = seen.against(moved[tested], tested)
            after = shifted(before, place, shift[None] * is_better, other.landmarks)
            own_better, _, own_shift = learn(*seen_own.against(truth[taught], taught), own)
            as_own, own_place = seen_own.against(truth[tested], tested)
            scanned = as_own.refined.mre
            own_after = shifted(as_own, own_place, own_shift[None] * own_better, own.landmarks)
            old, new = before.refined, after.refined
            worst = max(new.per_landmark[i] - old.per_landmark[i] for i in new.per_landmark)
            rows.append(
                (is_better, scanned, old.mre, new.mre, old.sdr["2"], new.sdr["2"], worst,
                 len(tested), own_after.refined.mre)
            )  # fmt: skip
        if rows:
            table = np.array(rows, dtype=float)
            mean = table.mean(0)
            print(
                f"N = {count:>3}, tested on {mean[7]:.0f}: adopted {table[:, 0].sum():.0f} of "
                f"{len(rows)}; as scanned {mean[1]:.3f}, learnt likewise {mean[8]:.3f}; before "
                f"{mean[2]:.3f}, after {mean[3]:.3f} mm; within 2 mm "
                f"{mean[4]:.1f} -> {mean[5]:.1f} %; worst landmark "
                f"{mean[6]:+.3f} ({table[:, 6].max():+.3f})"
            )
    if args.by_steps:
        taught, tested = draw(other, args.films, args.test, args.draw)
        take_steps(part(other, taught), part(other, tested), args, args.draw)


def of_device(data: DataSet, device: str, cache: Path) -> DataSet:
    """Return the films as the device makes them, written to the cache where they are not there."""
    folder = cache / f"films-{device}"
    folder.mkdir(parents=True, exist_ok=True)
    films = []
    for film in tqdm(data.films, desc=device, unit="film"):
        path = folder / f"{film.path.stem}.png"
        note = path.with_suffix(".npy")
        assert film.mm_per_px is not None
        if not note.is_file():
            made, points, _ = as_made(
                open_film(film.path).pixels, film.points_px, film.mm_per_px[0], device,
                int(film.path.stem),
            )  # fmt: skip
            Image.fromarray(made).save(path, compress_level=1)
            np.save(note, points)
        mm = film.mm_per_px[0] / DEVICES[device][0]
        films.append(replace(film, path=path, points_px=np.load(note), mm_per_px=(mm, mm)))
    return replace(data, films=tuple(films))


def as_made(
    pixels: np.ndarray, points: np.ndarray, mm: float, device: str, seed: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return pixels, points and millimetres a pixel of a film as the device makes it."""
    factor, exponent, blur_mm, sharp, noise, cut = DEVICES[device]
    height, width = pixels.shape
    left, top, _, bottom = (
        round(share * side) for share, side in zip(cut, (width, height, width, height), strict=True)
    )
    # A collimator closes before what is to be seen.
    low, high = np.nanmin(points, 0) - 8 / mm, np.nanmax(points, 0) + 8 / mm
    left, top = min(left, max(0, int(low[0]))), min(top, max(0, int(low[1])))
    bottom = min(bottom, max(0, int(height - high[1])))
    shade = pixels.copy()
    shade[:top], shade[:, :left] = 0, 0
    shade[height - bottom :] = 0
    soft = pictures.blurred(pictures.gamma(shade, exponent), blur_mm, mm)
    small, moved = pictures.resampled(soft, points, factor)
    if sharp:
        mask = ImageFilter.UnsharpMask(1.5 * factor / mm, sharp, 0)
        small = np.asarray(Image.fromarray(small).filter(mask))
    grain = np.random.default_rng(seed).normal(0, noise * 255, small.shape)
    return np.clip(small + grain, 0, 255).astype(np.uint8), moved, mm / factor


if __name__ == "__main__":
    main()
