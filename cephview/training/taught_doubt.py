"""How sure a model may be of a landmark that it was taught, by what it errs on films unseen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cephview.network.uncertainty import Ellipses
from cephview.training.calibration import (
    RADIUS,
    SHARE,
    SMALLEST,
    covariances_of,
    mahalanobis,
    shapes_of,
    signs_rows,
)
from cephview.training.looks import Looks

Floats = NDArray[np.float64]


def with_doubt(
    calibration: Mapping[str, Any], landmark: str, signs: Floats, spread: Floats, errors: Floats
) -> dict[str, Any]:
    """Add a landmark to the ellipses of a model; one that has none stays without.

    signs: (films, signs); spread: (films, 2, 2); errors: (films, 2); input pixels. Which signs
    count how much is as for the other landmarks; how large errors are is read off these. Few films
    say little of the largest errors, so the ellipses are made wider where 95 % of the points do not
    lie inside, and never narrower.
    """
    table = calibration.get("ellipses")
    if not table:
        return dict(calibration)
    others = Ellipses.from_table(table, tuple(table["landmarks"]))
    none = np.zeros((len(errors), 0))
    groups = np.array([str(i) for i in range(len(errors))])
    looks = Looks(signs[:, None], spread[:, None], errors[:, None], none, none, none, groups)
    excess = np.array([others.excess(look)[0] for look in signs_rows(looks)])
    offset = float((np.log(np.maximum(looks.radial[:, 0], SMALLEST)) - excess).mean())
    own = replace(others, offsets=np.array([offset]), shapes=np.eye(2)[None])
    own = replace(own, shapes=shapes_of(own, looks, np.ones(len(errors))))
    distances = mahalanobis(looks.errors, covariances_of(own, looks))
    widened = max(1.0, float(np.quantile(distances, SHARE)) / RADIUS)
    own = replace(own, offsets=own.offsets + np.log(widened))
    (row,) = own.to_table((landmark,))["landmarks"].values()
    return {
        **calibration,
        "ellipses": {**table, "landmarks": {**table["landmarks"], landmark: row}},
    }
