"""An evaluation, with a detector whose answers are known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.uncertainty import Covariance
from cephview.formats.known_points import KnownPoints
from cephview.formats.truth import TruthTable
from cephview.report.figures import figures_of
from cephview.training import TrainingError
from cephview.training.evaluate import covariance_px, evaluate, measured_of, table


class Known:
    """Finds every landmark at (10, 20), the coarse point 3 px to the right of the refined one."""

    def __init__(self, landmarks):
        self.info = SimpleNamespace(landmarks=landmarks)
        self.device = SimpleNamespace(type="cpu")

    def detect(self, film, passes):
        points = tuple(
            DetectedPoint(i, (13.0, 20.0), 4.0, (10.0, 20.0), 2.0) for i in self.info.landmarks
        )
        return Detection(points, "ff", "known", passes, "cpu", 0.25)


@pytest.fixture
def data(phantoms):
    """Two films; of the first, the second landmark is not known."""
    first, second = phantoms.films[:2]
    points = first.points_px.copy()
    points[1] = np.nan
    return replace(phantoms, films=(replace(first, points_px=points), second))


def test_only_what_both_know_is_measured_in_the_model_s_order(data):
    found = evaluate(Known(("Co", "N", "S")), data)
    assert found.landmarks == ("N", "S")
    assert found.refined.points == 3 and found.seconds_per_film == 0.25
    s = data.films[0].points_px[data.landmarks.index("S")]
    assert found.refined_errors[0].error_px[1] == pytest.approx(np.array([10, 20]) - s)
    assert "2 films, 3 points, 1 pass, cpu, 0.25 s a film" in table(found)


def test_nothing_in_common_is_one_sentence(data):
    with pytest.raises(TrainingError, match="no landmark in common"):
        evaluate(Known(("Co",)), data)


def test_the_report_gets_what_was_measured(data):
    found = evaluate(Known(("N", "S")), data)
    measured = measured_of(found)
    assert measured.landmarks == ("N", "S") and not measured.has_other_reader
    film = measured.films[0]
    assert film.size_px == (194, 240) and film.mm_per_px == (1.0, 1.0)
    assert film.path == data.films[0].path and film.group == data.films[0].group
    assert film.refined.places_px.tolist() == [[10, 20], [10, 20]]
    assert film.coarse.covariance_px[0].tolist() == [[16, 0], [0, 16]]
    assert np.isnan(film.truth_px[0]).all()
    assert figures_of(measured).refined.headline.mre == pytest.approx(found.refined.mre)
    assert figures_of(measured).coarse.headline.sdr == pytest.approx(found.coarse.sdr)


def test_a_second_reader_is_matched_by_film_and_landmark(data):
    name = data.films[1].path.stem
    reading = TruthTable(("S",), (name,), {name: {"S": (1.0, 2.0)}})
    measured = measured_of(evaluate(Known(("N", "S")), data), KnownPoints(reading, "other"))
    assert np.isnan(measured.films[0].other_px).all()
    assert measured.films[1].other_px[1].tolist() == [1.0, 2.0]
    assert np.isnan(measured.films[1].other_px[0]).all()


def test_a_doubt_as_a_covariance():
    point = DetectedPoint("S", (0.0, 0.0), 3.0, (0.0, 0.0), 2.0)
    assert covariance_px(point, "coarse").tolist() == [[9, 0], [0, 9]]
    assert covariance_px(point, "refined").tolist() == [[4, 0], [0, 4]]
    known = replace(point, refined_covariance=Covariance(5.0, 1.0, 3.0))
    assert covariance_px(known, "refined").tolist() == [[5, 1], [1, 3]]
    assert covariance_px(known, "coarse").tolist() == [[9, 0], [0, 9]]
