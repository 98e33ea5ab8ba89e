"""Phantoms as extra training pictures."""

import hashlib
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cephview.network.frame import Frame, normalised
from cephview.phantom import make_phantom
from cephview.training.dataset import CACHE_OVERSIZE, Pictures


def phantom_pictures(
    landmarks: tuple[str, ...], count: int, input_size: tuple[int, int], seed: int, cache: Path
) -> Pictures:
    """Draw phantoms at the cache's size, made once and kept in cache.

    A landmark that the phantom does not have is NaN.
    """
    width, height = (round(side * CACHE_OVERSIZE) for side in input_size)
    key = hashlib.sha256(repr((landmarks, count, seed)).encode()).hexdigest()[:16]
    path = cache / f"phantoms-{key}-{width}x{height}.npz"
    if not path.is_file():
        grey = np.zeros((count, height, width), dtype=np.uint8)
        points = np.full((count, len(landmarks), 2), np.nan)
        for i in tqdm(range(count), desc="phantoms to cache", unit="film"):
            phantom = make_phantom(seed * 1_000_003 + i, size_px=(width, height), has_label=False)
            frame = Frame.fit((width, height), (width, height))
            stretched = normalised(frame.picture(phantom.pixels)) * 0.502 + 0.498
            grey[i] = (stretched * 255).round().clamp(0, 255).byte().numpy()
            for j, landmark in enumerate(landmarks):
                if landmark in phantom.points:
                    points[i, j] = phantom.points[landmark]
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, grey=grey, points=points)
    kept = np.load(path)
    return Pictures(kept["grey"], kept["points"])
