"""Make predicted scales mean what they say, from films that were not trained on."""

import numpy as np

from cephview.training.evaluate import Evaluation
from cephview.training.metrics import calibration_factor, common_unit, radial


def calibrate(found: Evaluation) -> dict[str, float]:
    """Return the factors that make the predicted scales standard deviations, a layer each."""
    factors = {}
    for layer, errors in (("coarse", found.coarse_errors), ("refined", found.refined_errors)):
        unit = common_unit(errors)
        per_px = [1.0 if e.mm_per_px is None else float(np.mean(e.mm_per_px)) for e in errors]
        sigmas = np.stack(
            [e.sigma_px * (p if unit == "mm" else 1.0) for e, p in zip(errors, per_px, strict=True)]
        )
        factors[f"{layer}_factor"] = calibration_factor(radial(errors, unit), sigmas)
    return factors
