import json
import math
from dataclasses import fields
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.detection import DetectedPoint, Detection, Likeness, Turn
from cephview.core.learning import (
    Accuracy,
    CorrectedFilm,
    FilmChange,
    FinetuneResult,
    Kept,
    PointChange,
    Taught,
    TrainingProgress,
)
from cephview.core.uncertainty import Covariance
from cephview.engine import messages
from cephview.engine.lines import LineSplitter
from cephview.engine.messages import (
    VERSION,
    Cancel,
    Detect,
    Detected,
    EngineError,
    Ping,
    Ready,
    Trained,
    decode,
    encode,
)

finite = st.floats(allow_nan=False)
# Surrogates included: that is how a file name that is not UTF-8 arrives.
text = st.text(st.characters(codec=None), max_size=20)
pair = st.tuples(finite, finite)
turn = st.builds(Turn, st.booleans(), st.booleans(), st.integers(0, 3))
films = st.builds(
    CorrectedFilm,
    path=text,
    sha256=text,
    points=st.dictionaries(text, pair, max_size=3),
    mm_per_px=st.none() | pair,
    patient=text,
    turn=turn,
)
accuracy = st.builds(
    Accuracy,
    mre=finite,
    unit=st.sampled_from(["mm", "px"]),
    points=st.integers(),
    films=st.integers(),
    sdr=st.dictionaries(text, finite, max_size=4),
    per_landmark=st.dictionaries(text, finite, max_size=4),
)
covariance = st.builds(
    Covariance, xx=st.floats(0.5, 1e9), xy=st.floats(-0.4, 0.4), yy=st.floats(0.5, 1e9)
)
point = st.builds(
    DetectedPoint, text, pair, finite, pair, finite, refined_covariance=st.none() | covariance
)
likeness = st.builds(Likeness, finite, finite, text, better=st.none() | turn)
film_change = st.builds(
    FilmChange, text, finite, finite,
    st.dictionaries(text, st.builds(PointChange, pair, pair, pair), max_size=2), turn,
)  # fmt: skip
known = {
    Turn: turn,
    float: finite,
    str: text,
    tuple[CorrectedFilm, ...]: st.lists(films, max_size=3).map(tuple),
    Detection: st.builds(
        Detection,
        *(st.lists(point, max_size=3).map(tuple), text, text, st.integers(), text, finite),
        turn=turn,
        likeness=st.none() | likeness,
    ),
    TrainingProgress: st.builds(
        TrainingProgress, st.integers(), st.integers(), finite, st.none() | finite, finite, text
    ),
    FinetuneResult: st.builds(
        FinetuneResult,
        *(text, text, accuracy, accuracy, st.integers(), st.integers(), st.booleans(), text),
        *(finite, text),
        kept=st.none() | st.builds(Kept, text, st.integers(), finite, finite, finite),
        taught=st.tuples(
            st.builds(
                Taught,
                landmark=text,
                films=st.integers(),
                error=finite,
                expected=finite,
                unit=text,
                within_2mm=st.none() | finite,
                is_learnt=st.booleans(),
                sentence=text,
            )
        ),
        worst=st.lists(film_change, max_size=2).map(tuple),
    ),
}


def any_message():
    kinds = get_args(messages.Message)
    return st.one_of(
        st.builds(kind, **{f.name: known.get(f.type, st.integers()) for f in fields(kind)})
        for kind in kinds
    )


@given(any_message())
def test_every_message_comes_back_the_same(message):
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == message


def test_numpy_numbers_and_odd_floats_become_plain():
    found = DetectedPoint("S", (np.float32(1.5), np.float64(2)), np.float32(1), (3, 4.0), 1)
    answer = decode(encode(Detected(1, Detection((found,), "m", "n", 1, "cpu", np.float32(2)))))
    assert answer.detection.points[0] == DetectedPoint("S", (1.5, 2.0), 1.0, (3.0, 4.0), 1.0)
    assert isinstance(answer.detection.points[0].refined_px[0], float)
    step = decode(encode(Trained(1, TrainingProgress(1, 2, math.nan, None, math.inf)))).progress
    assert math.isnan(step.loss)
    assert step.seconds_left == math.inf


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Loading weights: 100%",
        b"[]",
        b"[" * 100_000,
        b"9" * 10_000,
        b"\xff\xfe",
        b'{"v":1,"message":"ping"}',
        b'{"message":"ping"}',
        b'{"v":2,"message":"format_disk"}',
        b'{"v":2,"message":["ping"]}',
        b'{"v":2,"message":"ping","extra":1}',
        b'{"v":2,"message":"cancel"}',
        b'{"v":2,"message":"cancel","id":"1"}',
        b'{"v":2,"message":"cancel","id":true}',
        b'{"v":2,"message":"cancel","id":1.0}',
        b'{"v":2,"message":"progress","id":1,"fraction":1' + b"0" * 400 + b',"text":""}',
        b'{"v":2,"message":"trained","id":1,"progress":null}',
        b'{"v":2,"message":"finetune","id":1,"films":{},"parent_dir":"","out_dir":""}',
    ],
)
def test_anything_else_is_refused_in_a_sentence(line):
    with pytest.raises(EngineError) as caught:
        decode(line)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 300


def test_the_version_is_on_the_line():
    assert json.loads(encode(Ping())) == {"v": VERSION, "message": "ping"}


def test_defaults_may_be_left_out():
    line = b'{"v":2,"message":"detect","id":3,"film_path":"a","sha256":"","model_dir":"m"}'
    assert decode(line) == Detect(3, "a", "", "m", 1, "auto", Turn())


def test_a_doubt_that_no_ellipse_has_is_refused():
    found = DetectedPoint("S", (1, 2), 1, (3, 4), 1, Covariance(2.0, 1.0, 2.0))
    line = encode(Detected(1, Detection((found,), "m", "n", 1, "cpu", 0.1)))
    assert b'"xy":1.0' in line
    with pytest.raises(EngineError, match="no ellipse"):
        decode(line.replace(b'"xy":1.0', b'"xy":9.0'))


def test_a_message_too_long_is_refused_on_both_sides(monkeypatch):
    monkeypatch.setattr(messages, "MAX_LINE_BYTES", 100)
    with pytest.raises(EngineError, match="too long"):
        encode(Ready("cpu", "x" * 200))
    with pytest.raises(EngineError, match="too long"):
        decode(b"x" * 101)


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(EngineError):
        encode(Ready(device=object()))


@given(st.lists(st.binary(max_size=12), max_size=20), st.integers(1, 7))
def test_lines_are_the_same_however_they_arrive(lines, size):
    lines = [line.replace(b"\n", b"").replace(b"\r", b"") for line in lines]
    stream = b"".join(line + b"\n" for line in lines)
    splitter = LineSplitter(100)
    found = []
    for start in range(0, len(stream), size):
        found += splitter.feed(stream[start : start + size])
    assert found == [line for line in lines if line]


def test_a_line_too_long_is_dropped_and_the_next_one_read():
    splitter = LineSplitter(10)
    assert splitter.feed(b"ok\n" + b"x" * 8) == [b"ok"]
    assert splitter.feed(b"y" * 8) == []
    assert splitter.feed(b"z" * 1000) == []
    assert splitter.feed(b"end\nnext\n") == [b"next"]
    assert splitter.dropped == 1


def test_cancel_reads_as_itself():
    assert decode(encode(Cancel(7))) == Cancel(7)
