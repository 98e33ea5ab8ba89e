"""The real process, spoken to over its pipes, with play-acted jobs."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time

import pytest

from cephview.core.learning import CorrectedFilm
from cephview.engine.messages import (
    EXIT_GPU_LOST,
    EXIT_UNUSABLE,
    Cancel,
    Cancelled,
    Detect,
    Detected,
    Failed,
    Finetune,
    Finetuned,
    Ping,
    Pong,
    Progress,
    Ready,
    Shutdown,
    Starting,
    Trained,
    decode,
    encode,
)

WAIT_S = 10


class Talk:
    """A conversation with one engine process."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._lines = queue.Queue()
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self):
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def say(self, *requests):
        self.process.stdin.write(b"".join(encode(request) for request in requests))
        self.process.stdin.flush()

    def hear(self):
        line = self._lines.get(timeout=WAIT_S)
        return decode(line) if line else None

    def hear_until(self, kind):
        heard = []
        while not heard or not isinstance(heard[-1], kind):
            heard.append(self.hear())
            assert heard[-1] is not None, heard
        return heard

    def exit_code(self):
        return self.process.wait(timeout=WAIT_S)

    def close(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()


@pytest.fixture
def talk(fake_engine):
    talks = []

    def start(*options):
        talks.append(Talk([*fake_engine, *options]))
        return talks[-1]

    yield start
    for one in talks:
        one.close()


@pytest.fixture
def engine(talk):
    one = talk()
    assert one.hear() == Starting()
    assert one.hear() == Ready("cpu")
    return one


def detect(request_id, name, device="auto"):
    return Detect(request_id, f"/films/{name}.png", "", "/models/fake", 1, device)


def test_a_film_is_answered_with_progress_on_the_way(engine):
    engine.say(detect(1, "plain"))
    heard = engine.hear_until(Detected)
    assert [type(answer) for answer in heard] == [Progress, Progress, Detected]
    assert heard[-1].id == 1
    assert heard[-1].detection.points[0].refined_px == (11.25, 21.0)


def test_what_libraries_print_does_not_reach_the_messages(engine):
    engine.say(detect(1, "noisy"))
    assert [type(a) for a in engine.hear_until(Detected)] == [Progress, Progress, Detected]


def test_a_ping_is_answered_between_jobs(engine):
    engine.say(Ping())
    assert engine.hear() == Pong()


def test_a_running_and_a_waiting_film_can_be_cancelled(engine):
    engine.say(detect(1, "slow"))
    assert engine.hear() == Progress(1, 0.1, "Reading slow")
    engine.say(detect(2, "plain"), Cancel(2), Cancel(99))
    assert engine.hear() == Cancelled(2)
    engine.say(Cancel(1))
    assert engine.hear() == Cancelled(1)
    engine.say(detect(3, "plain"))
    assert engine.hear_until(Detected)[-1].id == 3


def test_the_newest_film_goes_first(engine):
    engine.say(detect(1, "slow"))
    engine.hear()
    engine.say(detect(2, "plain"), detect(3, "plain"), Ping())
    time.sleep(0.1)
    engine.say(Cancel(1))
    assert engine.hear() == Cancelled(1)
    assert engine.hear() == Pong()
    assert engine.hear_until(Detected)[-1].id == 3
    assert engine.hear_until(Detected)[-1].id == 2


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("bad", "film", "bad.png is not a film; choose another."),
        ("bug", "internal", "bug.png failed because of a fault in the program (KeyError)"),
        ("memory", "memory", "memory.png needs more memory than is free"),
    ],
)
def test_a_failure_is_one_sentence_and_the_engine_goes_on(engine, name, kind, words):
    engine.say(detect(1, name))
    failure = engine.hear_until(Failed)[-1]
    assert (failure.id, failure.kind) == (1, kind)
    assert words in failure.sentence
    engine.say(detect(2, "plain"))
    assert engine.hear_until(Detected)[-1].id == 2


def test_the_traceback_of_a_fault_is_in_the_log(engine, tmp_path):
    engine.say(detect(1, "bug"))
    engine.hear_until(Failed)
    (log,) = (tmp_path / "home").rglob("engine.log")
    text = log.read_text(encoding="utf-8")
    assert "KeyError: ‹" in text and "'surprise'" not in text and "bug.png" not in text


def test_garbage_on_its_input_is_ignored(engine):
    engine.process.stdin.write(b"hello\n\n{}\n\xff\n" + encode(Pong()))
    engine.say(Ping())
    assert engine.hear() == Pong()


def test_a_full_graphics_card_falls_back_to_the_processor_and_says_so(talk):
    engine = talk("gpu")
    assert engine.hear_until(Ready)[-1] == Ready("cuda", "Fake Card 9000")
    engine.say(detect(1, "gpufull"))
    detection = engine.hear_until(Detected)[-1].detection
    assert detection.device == "cpu"
    assert "its memory is full" in detection.note
    engine.say(detect(2, "plain"))
    detection = engine.hear_until(Detected)[-1].detection
    assert (detection.device, detection.note) == ("cuda", "")
    engine.say(detect(3, "plain", device="cpu"))
    assert engine.hear_until(Detected)[-1].detection.device == "cpu"


def test_a_graphics_card_asked_for_but_missing_is_said(engine):
    engine.say(detect(1, "plain", device="cuda"))
    detection = engine.hear_until(Detected)[-1].detection
    assert detection.device == "cpu"
    assert "No usable graphics card" in detection.note


def test_a_lost_graphics_card_ends_the_process_with_its_own_code(talk):
    engine = talk("gpu")
    engine.hear_until(Ready)
    engine.say(detect(1, "gpulost"))
    assert engine.exit_code() == EXIT_GPU_LOST


def test_an_engine_that_cannot_work_says_why(talk):
    engine = talk("unusable")
    failure = engine.hear_until(Failed)[-1]
    assert failure.id == 0
    assert "No module named 'torch'" in failure.sentence
    assert engine.exit_code() == EXIT_UNUSABLE


def test_a_finetune_streams_its_progress_at_lower_priority(engine, tmp_path):
    film = CorrectedFilm("/films/a.png", "ab" * 32, {"S": (1.0, 2.0)}, (0.1, 0.1))
    request = Finetune(1, (film,) * 500, "/models/fake", str(tmp_path / "out"), seed=5000)
    engine.say(request)
    heard = engine.hear_until(Finetuned)
    assert len(heard) == 5001
    assert all(isinstance(answer, Trained) for answer in heard[:-1])
    assert [answer.progress.step for answer in heard[:-1]] == list(range(5000))
    assert heard[-1].result.films_trained == 500
    if hasattr(os, "nice"):
        assert int(heard[-1].result.sentence.split()[-1]) >= 5


def test_a_finetune_can_be_cancelled(engine, tmp_path):
    engine.say(Finetune(1, (), "/models/fake", str(tmp_path / "slow"), seed=100_000))
    engine.hear()
    engine.say(Cancel(1))
    assert engine.hear_until(Cancelled)[-1] == Cancelled(1)


@pytest.mark.parametrize("name", ["idle", "slow", "deaf"])
def test_it_ends_when_the_window_is_gone(engine, name):
    if name != "idle":
        engine.say(detect(1, name))
        engine.hear()
    begun = time.monotonic()
    engine.process.stdin.close()
    assert engine.exit_code() == 0
    assert time.monotonic() - begun < 3


def test_it_ends_when_asked_to(engine):
    engine.say(Shutdown())
    assert engine.exit_code() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_key_press_in_the_terminal_is_left_to_the_window(engine):
    engine.process.send_signal(signal.SIGINT)
    engine.say(Ping())
    assert engine.hear() == Pong()


def test_a_read_only_log_folder_does_not_keep_it_from_working(talk, tmp_path):
    (tmp_path / "home").write_text("not a folder")
    engine = talk()
    assert isinstance(engine.hear_until(Ready)[-1], Ready)
    engine.say(detect(1, "plain"))
    assert engine.hear_until(Detected)


def test_the_program_starts_it_and_it_ends_with_its_input():
    command = [sys.executable, "-m", "cephview", "engine"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=WAIT_S, check=False)
    assert done.returncode == 0
    assert decode(done.stdout.splitlines()[0]) == Starting()
