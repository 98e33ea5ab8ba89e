import numpy as np
import pytest

from cephview.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    calibration_chart,
    cumulative_chart,
    nice_step,
    path_of,
    reader_chart,
)
from cephview.report.figures import ReaderRow, figures_of


def points(path):
    return [tuple(float(v) for v in pair.split()) for pair in path.removeprefix("M").split(" L")]


@pytest.mark.parametrize(("reach", "step"), [(5.9, 1), (6.1, 2), (0.29, 0.05), (70, 20)])
def test_steps_are_round(reach, step):
    assert nice_step(reach, 6) == pytest.approx(step)


def test_a_path_runs_from_the_lower_left_to_the_upper_right():
    ends = points(path_of(np.array([0.0, 1.0]), np.array([0.0, 1.0])))
    assert ends == [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, TOP)]


def test_the_cumulative_curve_rises_to_all_points(measured):
    chart = cumulative_chart(figures_of(measured))
    assert [line.name for line in chart.lines] == ["coarse", "refined"]
    refined = points(chart.lines[1].path)
    heights = [y for _, y in refined]
    assert heights == sorted(heights, reverse=True)
    one_of_five = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) / 5
    assert heights[0] == pytest.approx(one_of_five, abs=0.01) and heights[-1] == TOP
    assert [guide.label for guide in chart.guides] == ["2", "2.5", "3", "4"]
    assert [tick.label for tick in chart.x_ticks] == ["0", "1", "2", "3", "4", "5", "6"]


def test_the_calibration_has_a_line_for_what_was_predicted(measured):
    chart = calibration_chart(figures_of(measured))
    assert [line.name for line in chart.lines] == ["ideal", "coarse", "refined"]
    assert len(points(chart.lines[1].path)) == 90


def test_readers_lie_on_one_scale():
    rows = [ReaderRow("S", 3, 1.0, 2.0), ReaderRow("N", 3, 4.0, 0.0)]
    chart = reader_chart(rows)
    first, second = chart.pairs
    assert second.model_x == chart.left and second.reader_x == chart.x_ticks[-1].at
    assert first.model_x - first.reader_x == pytest.approx(first.reader_x - chart.left, abs=0.02)
    assert first.y < second.y < chart.bottom < chart.height


def test_readers_who_agree_in_all_are_drawn_too():
    assert reader_chart([ReaderRow("S", 1, 0.0, 0.0)]).pairs[0].reader_x > 0
