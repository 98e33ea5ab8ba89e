"""The worker's jobs and its exceptions, without a model and without torch."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from cephview.core.detection import DetectedPoint, Detection, Likeness, Turn
from cephview.core.film import Film
from cephview.core.turning import AS_ON_FILE
from cephview.engine.messages import Cancelled, Detect, Detected, Failed, Finetune, Progress, Ready
from cephview.engine.worker.gpu import gpu_errors
from cephview.engine.worker.jobs import (
    GpuError,
    GpuLostError,
    JobError,
    JobStoppedError,
    Runner,
)
from cephview.engine.worker.model_jobs import ModelJobs, Parts

DIGEST = "ab" * 32
FILM = Film(np.zeros((4, 6), np.uint16), DIGEST, "a.png")


class RoomError(Exception):
    pass


class RoomStoppedError(Exception):
    pass


class Bench:
    """Parts that note what is asked of them."""

    def __init__(self):
        self.loaded = []
        self.seen = []
        self.released = 0
        self.on_detect = lambda: None

    def load(self, model_dir, device):
        self.loaded.append((model_dir.name, device))
        return self

    def detect(self, film, passes, should_stop=None, turn=AS_ON_FILE):
        self.seen.append((film, passes, turn))
        self.on_detect()
        return Detection((), DIGEST, "m", passes, "cpu", 0.0)

    def finetune(self, films, parent_dir, out_dir, **options):
        raise RoomStoppedError

    def release(self):
        self.released += 1

    def jobs(self):
        return ModelJobs(
            Parts(
                open_film=lambda path: FILM,
                load_detector=self.load,
                finetune=self.finetune,
                describe=lambda: Ready("cpu"),
                release=self.release,
                gpu_errors=lambda doing: nullcontext(),
                failures={RoomError: "model"},
                stopped=(RoomStoppedError,),
            )
        )


def detect(sha256=DIGEST, model_dir="/models/m", device="auto"):
    return Detect(1, "/films/a.png", sha256, str(model_dir), 1, device)


def say(fraction, text):
    assert 0 <= fraction <= 1


def never():
    return False


def test_the_film_reaches_the_detector_and_the_model_is_loaded_once():
    bench = Bench()
    jobs = bench.jobs()
    for _ in range(3):
        jobs.detect(detect(), "cpu", say, never)
    assert bench.loaded == [("m", "cpu")]
    assert bench.seen == [(FILM, 1, AS_ON_FILE)] * 3
    jobs.detect(detect(), "cuda", say, never)
    jobs.detect(detect(model_dir="/models/n"), "cuda", say, never)
    assert bench.loaded[1:] == [("m", "cuda"), ("n", "cuda")]


def test_the_turn_that_is_asked_for_reaches_the_detector():
    bench = Bench()
    turn = Turn(negative=True, mirrored=True, quarters=1)
    bench.jobs().detect(replace(detect(), turn=turn), "cpu", say, never)
    assert bench.seen == [(FILM, 1, turn)]


def test_a_model_written_anew_is_loaded_anew(tmp_path):
    bench = Bench()
    jobs = bench.jobs()
    (tmp_path / "model.toml").write_text("one")
    jobs.detect(detect(model_dir=tmp_path), "cpu", say, never)
    jobs.detect(detect(model_dir=tmp_path), "cpu", say, never)
    (tmp_path / "model.toml").write_text("another")
    jobs.detect(detect(model_dir=tmp_path), "cpu", say, never)
    assert len(bench.loaded) == 2


def test_giving_the_card_back_forgets_the_model():
    bench = Bench()
    jobs = bench.jobs()
    jobs.detect(detect(), "cuda", say, never)
    jobs.release_gpu()
    jobs.detect(detect(), "cuda", say, never)
    assert bench.released == 1
    assert len(bench.loaded) == 2


def test_a_film_that_changed_on_disk_is_refused():
    bench = Bench()
    with pytest.raises(JobError, match=r"a\.png has changed on disk .* open it again") as caught:
        bench.jobs().detect(detect(sha256="cd" * 32), "cpu", say, never)
    assert caught.value.kind == "stale"
    assert bench.seen == []


def test_without_a_digest_the_film_is_taken_as_it_is():
    bench = Bench()
    bench.jobs().detect(detect(sha256=""), "cpu", say, never)
    assert bench.seen


def test_it_stops_before_the_model_is_loaded():
    bench = Bench()
    with pytest.raises(JobStoppedError):
        bench.jobs().detect(detect(), "cpu", say, lambda: True)
    assert bench.loaded == []


def test_the_exceptions_of_other_rooms_are_translated():
    bench = Bench()

    def fail():
        raise RoomError("m/model.toml is torn; install it again.")

    bench.on_detect = fail
    with pytest.raises(JobError, match=r"m/model\.toml is torn") as caught:
        bench.jobs().detect(detect(), "cpu", say, never)
    assert caught.value.kind == "model"
    with pytest.raises(JobStoppedError):
        bench.jobs().finetune(Finetune(1, (), "/m", "/o"), "cpu", print, never)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CUDA out of memory. Tried to allocate 2.00 GiB.", GpuError),
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate", GpuError),
        ("CUDA error: no kernel image is available for execution on the device", GpuError),
        ("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED", GpuError),
        ("CUDA error: device-side assert triggered\nCUDA kernel errors might be", GpuLostError),
        ("CUDA error: an illegal memory access was encountered", GpuLostError),
        ("CUDA error: unspecified launch failure", GpuLostError),
        ("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried", JobError),
        ("mat1 and mat2 shapes cannot be multiplied", RuntimeError),
    ],
)
def test_what_cuda_says_is_understood(text, expected):
    with pytest.raises(expected) as caught, gpu_errors("Placing the points on a.png"):
        raise RuntimeError(text)
    assert type(caught.value) is expected
    assert "\n" not in str(caught.value)


class Script:
    """Jobs that do what a function says."""

    def __init__(self, act):
        self.act = act
        self.devices = []
        self.released = 0

    def release_gpu(self):
        self.released += 1

    def detect(self, request, device, say, should_stop):
        self.devices.append(device)
        return self.act(device)

    def finetune(self, request, device, on_progress, should_stop):
        self.devices.append(device)
        raise GpuError("its memory is full")


def run(act, request=None, should_stop=never, ready=None):
    sent = []
    jobs = Script(act)
    runner = Runner(jobs, ready or Ready("cuda", "Card"), sent.append)
    runner.run(request or detect(), should_stop)
    return jobs, sent


def found(number=1.0, note=""):
    point = DetectedPoint("S", (number, 1.0), 1.0, (1.0, 1.0), 1.0)
    return Detection((point,), DIGEST, "m", 1, "cpu", 0.0, note)


def test_both_notes_are_kept_when_the_card_is_full():
    def act(device):
        if device == "cuda":
            raise GpuError("its memory is full")
        return found(note="One pass only.")

    jobs, sent = run(act)
    assert jobs.devices == ["cuda", "cpu"]
    assert jobs.released == 1
    assert isinstance(sent[0], Progress)
    assert sent[-1].detection.note.startswith("The graphics card could not be used")
    assert sent[-1].detection.note.endswith("One pass only.")


def test_a_finetune_falls_back_once_and_then_fails_in_a_sentence():
    jobs, sent = run(None, Finetune(1, (), "/m", "/o"))
    assert jobs.devices == ["cuda", "cpu"]
    assert sent[-1] == Failed(
        1, "internal", "Learning from the corrections failed: its memory is full."
    )


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float32("nan")])
def test_a_model_that_answers_nonsense_is_told(number):
    _, sent = run(lambda device: found(number))
    assert sent[-1].kind == "model"
    assert "no usable place for S on a.png" in sent[-1].sentence


def test_a_likeness_that_is_no_number_is_told():
    _, sent = run(lambda device: replace(found(), likeness=Likeness(float("nan"), 0.01)))
    assert sent[-1].kind == "model" and "a.png" in sent[-1].sentence
    _, sent = run(lambda device: replace(found(), likeness=Likeness(2.0, 0.01)))
    assert sent[-1].detection.likeness.is_unlike


def test_an_answer_that_comes_after_its_cancel_is_a_cancel():
    _, sent = run(lambda device: found(), should_stop=lambda: True)
    assert sent == [Cancelled(1)]


@pytest.mark.parametrize(
    ("wanted", "has_gpu", "used"),
    [
        ("auto", True, "cuda"),
        ("auto", False, "cpu"),
        ("cpu", True, "cpu"),
        ("cuda", True, "cuda"),
        ("cuda", False, "cpu"),
    ],
)
def test_the_device_is_chosen(wanted, has_gpu, used):
    ready = Ready("cuda", "Card") if has_gpu else Ready("cpu")
    jobs, sent = run(lambda device: found(), detect(device=wanted), ready=ready)
    assert jobs.devices == [used]
    assert isinstance(sent[-1], Detected)
    assert bool(sent[-1].detection.note) == (wanted == "cuda" and not has_gpu)
