import json
from dataclasses import replace

import numpy as np
import pytest

from cephview.core.detection import Likeness
from cephview.report.document import SCHEMA, as_json, document
from cephview.report.figures import figures_of
from cephview.report.measured import Measured

from .conftest import LANDMARKS, NAN


@pytest.fixture
def values(measured, about):
    """As another program reads it."""
    return json.loads(as_json(document(about, measured, figures_of(measured))))


def test_every_point_is_there_with_its_error(values):
    assert values["schema"] == SCHEMA and values["landmarks"] == list(LANDMARKS)
    assert [film["film"] for film in values["films"]] == ["b.png", "a.png"]
    second, first = values["films"]
    assert second["mm_per_px"] == [0.1, 0.1] and second["size_px"] == [240, 300]
    point = second["points"][0]
    assert point["landmark"] == "S" and point["true_px"] == [50.0, 60.0]
    assert point["refined"] == {
        "px": [80.0, 100.0],
        "sigma_px": [10.0, 10.0],
        "covariance_px": [[100.0, 0.0], [0.0, 100.0]],
        "error": [3.0, 4.0],
        "radial_error": 5.0,
    }
    assert point["coarse"]["error"] == [4.0, 4.0]
    assert first["refined_mre"] == pytest.approx(7 / 3, abs=1e-6)


def test_what_is_not_known_is_null_but_its_prediction_stays(values):
    point = values["films"][0]["points"][1]
    assert point["true_px"] == [None, None] and point["refined"]["radial_error"] is None
    assert point["refined"]["px"] == [90.0, 80.0]


def test_the_figures_can_be_computed_again_from_the_points(values):
    errors = [
        point["refined"]["radial_error"]
        for film in values["films"]
        for point in film["points"]
        if point["refined"]["radial_error"] is not None
    ]
    assert np.mean(errors) == pytest.approx(values["refined"]["mre"])
    assert np.median(errors) == pytest.approx(values["refined"]["median"])
    assert 100 * np.mean(np.array(errors) <= 2) == pytest.approx(values["refined"]["sdr"]["2"])
    assert values["refined"]["per_landmark"]["S"] == pytest.approx(2.5)
    assert values["refined"]["landmark_figures"][0]["bias"] == pytest.approx([1.5, 2.0])


def test_a_second_reader_is_kept_point_by_point(measured, about):
    other = np.array([(50, 80), (NAN, NAN), (100, 210)])
    both = Measured(LANDMARKS, (replace(measured.films[0], other_px=other), measured.films[1]))
    found = document(about, both, figures_of(both))
    assert found["reader"]["overall"]["reader"] == pytest.approx(1.5)
    points = next(f for f in found["films"] if f["film"] == "a.png")["points"]
    assert [p["other_reader_px"] for p in points] == [[50, 80], [None, None], [100, 210]]
    assert document(about, measured, figures_of(measured))["reader"] is None


def test_the_score_of_a_film_is_kept(measured, about):
    scored = replace(measured.films[0], likeness=Likeness(1.4, 0.05, "turned"))
    found = Measured(LANDMARKS, (scored, measured.films[1]))
    values = document(about, found, figures_of(found))
    by_name = {film["film"]: film["likeness"] for film in values["films"]}
    assert by_name["a.png"] == {
        "score": 1.4,
        "false_alarms": 0.05,
        "is_unlike": True,
        "reason": "turned",
    }
    assert by_name["b.png"] is None and values["film_scores"]["unlike"] == 1


def test_a_film_is_a_line_of_the_file(measured, about):
    content = document(about, measured, figures_of(measured))
    written = as_json(content)
    assert json.loads(written) == json.loads(json.dumps(content))
    lines = [line for line in written.decode().splitlines() if line.startswith('{"film"')]
    assert len(lines) == 2 and json.loads(lines[1])["film"] == "a.png"


def test_names_that_are_no_text_are_kept_apart(measured, about):
    odd = replace(measured.films[0], name="\udcff.png")
    found = Measured(LANDMARKS, (odd, measured.films[1]))
    again = json.loads(as_json(document(about, found, figures_of(found))))
    assert "\udcff.png" in [film["film"] for film in again["films"]]
