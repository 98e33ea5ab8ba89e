"""An engine with play-acted jobs, for tests: the film's name says what happens.

Runs the real process around them: python fake_engine.py [OPTION...]
"""

import ctypes
import hashlib
import os
import signal
import sys
import time
from pathlib import Path

from cephview.core.detection import DetectedPoint, Detection, Likeness, Turn
from cephview.core.learning import Accuracy, FinetuneResult, TrainingProgress
from cephview.core.uncertainty import Covariance
from cephview.engine.messages import Ready
from cephview.engine.worker import main
from cephview.engine.worker.jobs import GpuError, GpuLostError, JobError, JobStoppedError

OPTIONS = set(sys.argv[1:])


def points():
    doubt = Covariance(2.5, 0.75, 2.0)
    return (DetectedPoint("S", (10.0, 20.5), 4.0, (11.25, 21.0), 1.5, doubt),)


def first_time(film_path):
    """Whether this film has not been tried before, by this process or an earlier one."""
    mark = Path(film_path + ".tried")
    is_first = not mark.exists()
    mark.touch()
    return is_first


class FakeJobs:
    def ready(self):
        if "gpu" in OPTIONS:
            return Ready("cuda", "Fake Card 9000")
        return Ready("cpu")

    def release_gpu(self):
        pass

    def detect(self, request, device, say, should_stop):
        name = Path(request.film_path).stem
        say(0.1, f"Reading {name}")
        getattr(self, "act_" + name.split("-")[0])(request, device, should_stop)
        say(0.9, "Placing the points")
        digest = hashlib.sha256(request.film_path.encode()).hexdigest()
        likeness = Likeness(1.25, 0.01, "dark", Turn(mirrored=True))
        return Detection(
            points(), digest, "fake", request.passes, device, 0.01, "", request.turn, likeness
        )

    def act_plain(self, request, device, should_stop):
        pass

    def act_slow(self, request, device, should_stop):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if should_stop():
                raise JobStoppedError
            time.sleep(0.01)

    def act_deaf(self, request, device, should_stop):
        time.sleep(30)

    def act_hangonce(self, request, device, should_stop):
        if first_time(request.film_path):
            time.sleep(30)

    def act_crash(self, request, device, should_stop):
        os._exit(3)

    def act_crashonce(self, request, device, should_stop):
        if first_time(request.film_path):
            os._exit(3)

    def act_segfault(self, request, device, should_stop):
        os.kill(os.getpid(), signal.SIGSEGV)

    def act_killed(self, request, device, should_stop):
        os.kill(os.getpid(), signal.SIGKILL)

    def act_noisy(self, request, device, should_stop):
        print("a library says hello")
        os.write(1, b'{"v":2,"message":"detected"}\n')
        ctypes.CDLL(None).puts(b"native hello")
        ctypes.CDLL(None).fflush(None)

    def act_bad(self, request, device, should_stop):
        raise JobError("film", f"{Path(request.film_path).name} is not a film; choose another.")

    def act_bug(self, request, device, should_stop):
        raise KeyError("surprise")

    def act_memory(self, request, device, should_stop):
        raise MemoryError

    def act_gpufull(self, request, device, should_stop):
        if device == "cuda":
            raise GpuError("its memory is full")

    def act_gpulost(self, request, device, should_stop):
        if device == "cuda":
            raise GpuLostError("device-side assert triggered")

    def finetune(self, request, device, on_progress, should_stop):
        steps = request.seed or 10
        kind = Path(request.out_dir).name
        for step in range(steps):
            if should_stop():
                raise JobStoppedError
            on_progress(TrainingProgress(step, steps, 1.0 / (step + 1), None, 1.0))
            if kind == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if kind == "crashonce" and first_time(request.out_dir):
                os._exit(3)
            if kind == "silent":
                time.sleep(30)
            if kind == "slow":
                time.sleep(0.01)
        accuracy = Accuracy(1.0, "mm", 19, 1, {"2": 90.0})
        nice = os.nice(0)
        return FinetuneResult(
            request.out_dir,
            "fake",
            accuracy,
            accuracy,
            len(request.films),
            1,
            True,
            f"pid {os.getpid()} nice {nice}",
            0.5,
            device,
        )


def make_jobs():
    if "unusable" in OPTIONS:
        raise ImportError("No module named 'torch'")
    if "stillborn" in OPTIONS:
        os._exit(9)
    if "never" in OPTIONS:
        time.sleep(30)
    return FakeJobs()


if __name__ == "__main__":
    sys.exit(main(make_jobs))
