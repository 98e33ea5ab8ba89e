"""How a film was made: the device, the exposure, the chemistry or the detector."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class FilmStyle:
    """What lies between attenuation and grey values.

    contrast and hardness shape the response (hardness 1: straight; above: toe and shoulder).
    black and white are the attenuations that come out darkest and brightest. scatter is the share
    of the beam that arrives as fog. noise is the quantum noise of a 0.1 mm pixel behind air, in
    attenuation; grain that of the film, in shares of full scale. sharpness_mm is a blur's standard
    deviation. tilt is how much attenuation the beam's fall-off adds across the film, right and
    down; wedge the filter before the profile, bands the
    upright strips of a stepped filter over the vault. border_mm is the collimated rim (0: none).
    """

    name: str
    black: float = -0.02
    white: float = 1.85
    hardness: float = 0.75
    gamma: float = 0.95
    scatter: float = 0.12
    noise: float = 0.012
    grain: float = 0.004
    sharpness_mm: float = 0.12
    texture: float = 1.0
    tilt: tuple[float, float] = (0.0, 0.0)
    wedge: float = 0.15
    bands: float = 0.0
    border_mm: float = 2.0
    has_tabs: bool = False
    has_ruler: bool = True
    has_ear_rings: bool = True
    marker: str = "R"


DEVICES = (
    FilmStyle("scanned film", has_tabs=True, bands=0.07, noise=0.014, grain=0.008, marker=""),
    FilmStyle("storage phosphor", hardness=0.5, white=1.75, scatter=0.16, border_mm=0.0),
    FilmStyle("slot scanner", scatter=0.05, hardness=0.65, noise=0.02, grain=0.0, wedge=0.0,
              border_mm=5.0, sharpness_mm=0.09, marker="L"),
    FilmStyle("flat panel", scatter=0.1, hardness=1.0, noise=0.008, grain=0.002, wedge=0.3,
              border_mm=0.0),
)  # fmt: skip


def random_style(rng: np.random.Generator) -> FilmStyle:
    """Draw a device and the way it was set on that day."""
    base = DEVICES[int(rng.integers(len(DEVICES)))]

    def around(value: float, share: float) -> float:
        return float(value * np.exp(np.clip(rng.standard_normal(), -2, 2) * share))

    return replace(
        base,
        black=base.black + float(rng.normal(0, 0.02)),
        white=around(base.white, 0.09),
        hardness=around(base.hardness, 0.15),
        gamma=around(base.gamma, 0.14),
        scatter=around(base.scatter, 0.3),
        noise=around(base.noise, 0.4),
        grain=around(base.grain, 0.4),
        sharpness_mm=around(base.sharpness_mm, 0.3),
        texture=around(base.texture, 0.25),
        tilt=(float(rng.normal(0, 0.06)), float(rng.normal(0, 0.06))),
        wedge=around(base.wedge, 0.4),
        bands=max(0.0, base.bands + float(rng.normal(0, 0.02))) if base.bands else 0.0,
        has_ruler=bool(rng.random() < 0.8),
        has_ear_rings=bool(rng.random() < 0.8),
        marker=str(rng.choice(["", "R", "L", base.marker])),
    )


DEMO = FilmStyle(
    "demo", noise=0.0018, grain=0.0004, scatter=0.09, hardness=0.75, gamma=0.92, wedge=0.22,
    border_mm=2.5, sharpness_mm=0.1,
)  # fmt: skip
