import hashlib
from pathlib import Path

import numpy as np
import pytest

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.film import Film, Origin
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.store import Workspace

IDS = ("S", "N", "A", "Pog'")
AT = "2026-01-02T03:04:05.678+00:00"


@pytest.fixture
def empty() -> Tracing:
    return Tracing.empty("isbi19", IDS)


@pytest.fixture
def make_film():
    def make(name: str = "one.png", patient: str = "P1", size: PixelSize | None = None) -> Film:
        return Film(
            pixels=np.zeros((6, 4), np.uint8),
            sha256=hashlib.sha256(name.encode("utf-8", "replace")).hexdigest(),
            name=name,
            pixel_size=size or PixelSize(0.1, 0.2, Provenance.DETECTOR),
            origin=Origin(patient_id=patient),
        )

    return make


@pytest.fixture
def film(make_film) -> Film:
    return make_film()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def workspace(folder):
    with Workspace.open(folder) as opened:
        yield opened


@pytest.fixture
def detection() -> Detection:
    return Detection(
        points=tuple(
            DetectedPoint(i, (n + 0.25, 2.0), 3.5, (n + 0.5, 2.125), 1.0 / 3)
            for n, i in enumerate(IDS)
        ),
        model="ab" * 32,
        model_name="base",
        passes=1,
        device="cpu",
        seconds=0.5,
    )
