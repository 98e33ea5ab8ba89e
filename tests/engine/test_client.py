"""The window's end against the real process with play-acted jobs."""

import logging
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cephview import child_process, logs, places
from cephview.core.detection import Detection, Likeness, Turn
from cephview.core.learning import CorrectedFilm
from cephview.core.uncertainty import Covariance
from cephview.engine.channel import default_command
from cephview.engine.client import EngineClient
from cephview.engine.messages import Detected, encode
from cephview.engine.supervisor import Limits, Supervisor

WAIT_MS = 10_000


class Record:
    """Everything a client emitted, in order."""

    NAMES = ("state_changed", "described", "progressed", "trained", "detected", "finetuned",
             "failed", "cancelled", "notice")  # fmt: skip

    def __init__(self, client):
        self.events = []
        for name in self.NAMES:
            getattr(client, name).connect(
                lambda *args, name=name: self.events.append((name, *args))
            )

    def of(self, name):
        return [event[1:] for event in self.events if event[0] == name]

    def states(self):
        return [state for (state,) in self.of("state_changed")]

    def last_answers(self, request_id):
        names = ("detected", "finetuned", "failed", "cancelled")
        return [event for event in self.events if event[0] in names and event[1] == request_id]


@pytest.fixture
def make_client(qapp, fake_engine):
    clients = []

    def make(*options, device="auto", command=None, **limits):
        client = EngineClient(
            device=device, command=command or [*fake_engine, *options], limits=Limits(**limits)
        )
        client.record = Record(client)
        clients.append(client)
        return client

    yield make
    for client in clients:
        processes = pids(client)
        client.close()
        assert not [pid for pid in processes if is_alive(pid)]
        client.deleteLater()


@pytest.fixture
def client(make_client, qtbot):
    client = make_client()
    with qtbot.waitSignal(client.described, timeout=WAIT_MS):
        client.start()
    return client


def pids(client):
    return [one.process_id for one in client.findChildren(Supervisor) if one.process_id]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan in a container may stay a zombie where nobody collects it.
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def wait_for_end(qtbot, client, request_id):
    qtbot.waitUntil(lambda: not client.is_running(request_id), timeout=WAIT_MS)
    (answer,) = client.record.last_answers(request_id)
    return answer


def film(tmp_path, name):
    return tmp_path / f"{name}.png"


def corrected(count=1):
    return [CorrectedFilm(f"/f/{i}.png", "", {"S": (1.0, 2.0)}) for i in range(count)]


def test_a_film_is_detected(client, qtbot, tmp_path):
    turn = Turn(mirrored=True, quarters=3)
    request_id = client.detect(film(tmp_path, "plain"), "", "/m", turn=turn)
    assert client.busy_with == {request_id}
    name, _, detection = wait_for_end(qtbot, client, request_id)
    assert name == "detected"
    assert detection.points[0].landmark == "S"
    assert detection.points[0].refined_covariance == Covariance(2.5, 0.75, 2.0)
    assert detection.turn == turn
    assert detection.likeness == Likeness(1.25, 0.01, "dark", Turn(mirrored=True))
    assert detection.device == "cpu"
    assert client.busy_with == set()
    assert client.record.of("progressed")[0] == (request_id, 0.1, "Reading plain")
    assert client.record.of("described") == [("CPU",)]
    assert client.record.states() == ["starting", "ready", "busy", "ready"]


def test_a_film_asked_for_before_the_start_waits(make_client, qtbot, tmp_path):
    client = make_client()
    request_id = client.detect(film(tmp_path, "plain"), "", "/m")
    client.start()
    assert wait_for_end(qtbot, client, request_id)[0] == "detected"


def test_the_graphics_card_is_named_unless_the_processor_was_chosen(make_client, qtbot):
    for device, words in (("auto", "Fake Card 9000"), ("cpu", "CPU")):
        client = make_client("gpu", device=device)
        with qtbot.waitSignal(client.described, timeout=WAIT_MS) as caught:
            client.start()
        assert caught.args == [words]


def test_a_failure_is_told_in_its_sentence(client, qtbot, tmp_path):
    request_id = client.detect(film(tmp_path, "bad"), "", "/m")
    assert wait_for_end(qtbot, client, request_id) == (
        "failed",
        request_id,
        "bad.png is not a film; choose another.",
    )
    assert client.state == "ready"


def test_cancel_of_a_running_and_a_waiting_film(client, qtbot, tmp_path):
    running = client.detect(film(tmp_path, "slow"), "", "/m")
    qtbot.waitUntil(lambda: bool(client.record.of("progressed")), timeout=WAIT_MS)
    waiting = client.detect(film(tmp_path, "plain"), "", "/m")
    client.cancel(waiting)
    client.cancel(running)
    client.cancel(running)
    client.cancel(999)
    assert wait_for_end(qtbot, client, waiting)[0] == "cancelled"
    assert wait_for_end(qtbot, client, running)[0] == "cancelled"
    assert client.state == "ready"
    assert "restarting" not in client.record.states()


def test_an_answer_that_crosses_its_cancel_is_dropped(client, qtbot, tmp_path):
    request_id = client.detect(film(tmp_path, "plain"), "", "/m")
    qtbot.waitUntil(lambda: bool(client.record.of("progressed")), timeout=WAIT_MS)
    time.sleep(0.2)
    client.cancel(request_id)
    wait_for_end(qtbot, client, request_id)
    qtbot.wait(100)
    assert len(client.record.last_answers(request_id)) == 1


def test_a_film_that_does_not_hear_its_cancel_costs_the_process(make_client, qtbot, tmp_path):
    client = make_client(detect_s=0.5, cancel_s=0.1)
    client.start()
    request_id = client.detect(film(tmp_path, "deaf"), "", "/m")
    qtbot.waitUntil(lambda: bool(client.record.of("progressed")), timeout=WAIT_MS)
    client.cancel(request_id)
    assert wait_for_end(qtbot, client, request_id)[0] == "cancelled"
    qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)


def test_the_newest_film_goes_first(client, qtbot, tmp_path):
    slow = client.detect(film(tmp_path, "slow"), "", "/m")
    qtbot.waitUntil(lambda: bool(client.record.of("progressed")), timeout=WAIT_MS)
    older = client.detect(film(tmp_path, "plain-1"), "", "/m")
    newer = client.detect(film(tmp_path, "plain-2"), "", "/m")
    client.cancel(slow)
    wait_for_end(qtbot, client, older)
    assert [request_id for request_id, _ in client.record.of("detected")] == [newer, older]


def test_one_crash_is_survived_without_the_user_doing_anything(client, qtbot, tmp_path):
    request_id = client.detect(film(tmp_path, "crashonce"), "", "/m")
    assert wait_for_end(qtbot, client, request_id)[0] == "detected"
    assert client.record.of("notice") == [
        ("The engine stopped unexpectedly and was started again.",)
    ]
    assert client.record.states()[2:] == ["busy", "restarting", "ready", "busy", "ready"]


def test_what_an_engine_says_as_it_crashes_is_logged_without_names_of_folders(
    client, qtbot, tmp_path, monkeypatch
):
    monkeypatch.setattr(places, "log_dir", lambda: tmp_path)
    handler, logger = logs.log_file("cephview.log"), logging.getLogger("cephview")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        request_id = client.detect(film(tmp_path, "segfault"), "", "/m")
        with qtbot.waitSignal(client.failed, timeout=WAIT_MS):
            pass
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
    assert client.record.last_answers(request_id)
    text = (tmp_path / "cephview.log").read_text(encoding="utf-8")
    assert "Segmentation fault" in text and "in act_segfault" in text
    assert str(Path(__file__).parents[2]) not in text and str(tmp_path) not in text


def test_a_film_that_crashes_twice_is_blamed_and_the_others_are_not(client, qtbot, tmp_path):
    innocent = client.detect(film(tmp_path, "plain"), "", "/m")
    guilty = client.detect(film(tmp_path, "segfault"), "", "/m")
    name, _, sentence = wait_for_end(qtbot, client, guilty)
    assert name == "failed"
    assert "stopped twice while placing the points on segfault.png" in sentence
    assert wait_for_end(qtbot, client, innocent)[0] == "detected"


def test_the_memory_killer_is_recognised(client, qtbot, tmp_path):
    request_id = client.detect(film(tmp_path, "killed"), "", "/m")
    name, _, sentence = wait_for_end(qtbot, client, request_id)
    assert name == "failed"
    assert "most likely for want of memory" in sentence
    qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)
    assert "want of memory" in client.record.of("notice")[0][0]


def test_a_lost_graphics_card_sends_the_film_to_the_processor(make_client, qtbot, tmp_path):
    client = make_client("gpu")
    client.start()
    request_id = client.detect(film(tmp_path, "gpulost"), "", "/m")
    name, _, detection = wait_for_end(qtbot, client, request_id)
    assert (name, detection.device) == ("detected", "cpu")
    assert "graphics card failed" in client.record.of("notice")[0][0]


def test_a_full_graphics_card_is_told_with_the_points(make_client, qtbot, tmp_path):
    client = make_client("gpu")
    client.start()
    request_id = client.detect(film(tmp_path, "gpufull"), "", "/m")
    detection = wait_for_end(qtbot, client, request_id)[2]
    assert detection.device == "cpu"
    assert "its memory is full" in detection.note


def test_a_film_that_hangs_is_tried_once_more(make_client, qtbot, tmp_path):
    client = make_client(detect_s=0.5)
    client.start()
    request_id = client.detect(film(tmp_path, "hangonce"), "", "/m")
    assert wait_for_end(qtbot, client, request_id)[0] == "detected"
    assert "did not answer for 0.5 seconds" in client.record.of("notice")[0][0]


def test_a_film_that_always_hangs_is_given_up(make_client, qtbot, tmp_path):
    client = make_client(detect_s=0.3)
    client.start()
    request_id = client.detect(film(tmp_path, "deaf"), "", "/m")
    name, _, sentence = wait_for_end(qtbot, client, request_id)
    assert name == "failed"
    assert "no sign for 0.3 seconds while placing the points on deaf.png" in sentence


def test_pings_keep_an_idle_engine(make_client, qtbot):
    client = make_client(ping_every_s=0.05, ping_s=2.0)
    client.start()
    qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)
    qtbot.wait(500)
    assert client.record.states() == ["starting", "ready"]


MUTE = """
import sys
sys.stdout.write('{"v":2,"message":"ready","device":"cpu"}\\n')
sys.stdout.flush()
sys.stdin.read()
"""


def test_an_idle_engine_that_answers_no_ping_is_replaced(make_client, qtbot):
    client = make_client(command=[sys.executable, "-c", MUTE], ping_every_s=0.1, ping_s=0.1)
    client.start()
    qtbot.waitUntil(lambda: client.state == "failed", timeout=WAIT_MS)
    assert client.record.states().count("restarting") == 3


def test_a_window_that_was_held_up_does_not_blame_the_engine(make_client, qtbot):
    client = make_client(ping_every_s=0.05, ping_s=0.4)
    client.start()
    qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)
    for _ in range(2):
        qtbot.wait(80)
        time.sleep(0.6)
    assert client.record.states() == ["starting", "ready"]


def test_an_engine_that_never_gets_ready_is_given_up(make_client, qtbot):
    client = make_client("never", start_s=0.4)
    client.start()
    qtbot.waitUntil(lambda: client.state == "failed", timeout=WAIT_MS)


def test_restarts_are_limited_and_can_be_asked_for(make_client, qtbot, tmp_path):
    client = make_client("stillborn")
    waiting = client.detect(film(tmp_path, "plain"), "", "/m")
    client.start()
    assert wait_for_end(qtbot, client, waiting)[0] == "failed"
    assert client.state == "failed"
    assert client.record.states() == ["starting", "restarting", "failed"]
    assert "keeps stopping" in client.failure
    refused = client.detect(film(tmp_path, "plain"), "", "/m")
    assert client.is_running(refused)
    assert wait_for_end(qtbot, client, refused) == ("failed", refused, client.failure)
    client._command.remove("stillborn")
    client.retry()
    assert client.failure == ""
    again = client.detect(film(tmp_path, "plain"), "", "/m")
    assert wait_for_end(qtbot, client, again)[0] == "detected"


def test_an_engine_killed_four_times_in_a_minute_works_again_when_asked_for(
    client, qtbot, tmp_path
):
    client.start()
    for _ in range(4):
        qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)
        os.kill(client._engine.supervisor.process_id, signal.SIGKILL)
        qtbot.waitUntil(lambda: client.state != "ready", timeout=WAIT_MS)
    assert client.state == "failed" and "start it again" in client.failure
    for _ in range(2):
        client.retry()
        qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)
        # Every restart is allowed anew.
        os.kill(client._engine.supervisor.process_id, signal.SIGKILL)
        qtbot.waitUntil(lambda: client.state == "restarting", timeout=WAIT_MS)
        qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)
    again = client.detect(film(tmp_path, "plain"), "", "/m")
    assert wait_for_end(qtbot, client, again)[0] == "detected"


def test_an_engine_that_cannot_work_is_not_started_again(make_client, qtbot):
    client = make_client("unusable")
    client.start()
    qtbot.waitUntil(lambda: client.state == "failed", timeout=WAIT_MS)
    assert "No module named 'torch'" in client.failure
    assert client.record.of("notice") == [(client.failure,)]
    assert "restarting" not in client.record.states()


def test_a_program_that_is_not_there_is_told(make_client, qtbot):
    client = make_client(command=["/no/such/program"])
    client.start()
    qtbot.waitUntil(lambda: client.state == "failed", timeout=WAIT_MS)
    assert "could not be started" in client.failure


BABBLER = """
import sys
out = sys.stdout.buffer
out.write(b'Loading...\\n{"v":2,"message":"rea')
out.flush()
import time; time.sleep(0.1)
out.write(b'dy","device":"cpu"}\\n' + b'x' * 6_000_000 + b'\\n{"v":2,"message":"ping"}\\n')
out.write(ANSWER)
out.flush()
sys.stdin.readline()
out.write(b'{"v":2,"message":"failed","id":1,"kind":"film","sentence":"So it goes."}\\n')
out.flush()
sys.stdin.read()
"""


def test_garbage_partial_lines_huge_lines_and_stale_answers(make_client, qtbot, tmp_path):
    stale = encode(Detected(77, Detection((), "", "", 1, "cpu", 0.0)))
    script = BABBLER.replace("ANSWER", repr(stale))
    client = make_client(command=[sys.executable, "-c", script])
    client.start()
    request_id = client.detect(film(tmp_path, "plain"), "", "/m")
    assert wait_for_end(qtbot, client, request_id) == ("failed", request_id, "So it goes.")
    assert client.record.of("detected") == []


def test_a_finetune_runs_in_its_own_process_that_ends_with_it(client, qtbot, tmp_path):
    before = set(pids(client))
    request_id = client.finetune(corrected(300), "/m", tmp_path / "out", seed=2000)
    other = client.detect(film(tmp_path, "plain"), "", "/m")
    assert client.busy_with == {request_id, other}
    assert wait_for_end(qtbot, client, other)[0] == "detected"
    name, _, result = wait_for_end(qtbot, client, request_id)
    assert name == "finetuned"
    assert result.films_trained == 300
    steps = [progress.step for _, progress in client.record.of("trained")]
    assert steps == list(range(2000))
    trainer = int(result.sentence.split()[1])
    assert trainer not in before
    qtbot.waitUntil(lambda: not is_alive(trainer), timeout=WAIT_MS)
    assert set(pids(client)) == before


def test_a_finetune_can_be_cancelled_at_any_moment(client, qtbot, tmp_path):
    at_once = client.finetune(corrected(), "/m", tmp_path / "slow", seed=100_000)
    client.cancel(at_once)
    assert wait_for_end(qtbot, client, at_once)[0] == "cancelled"
    starting = client.finetune(corrected(), "/m", tmp_path / "slow", seed=100_000)
    qtbot.wait(30)
    client.cancel(starting)
    assert wait_for_end(qtbot, client, starting)[0] == "cancelled"
    running = client.finetune(corrected(), "/m", tmp_path / "slow", seed=100_000)
    qtbot.waitUntil(lambda: bool(client.record.of("trained")), timeout=WAIT_MS)
    client.cancel(running)
    assert wait_for_end(qtbot, client, running)[0] == "cancelled"
    qtbot.waitUntil(lambda: len(pids(client)) == 1, timeout=WAIT_MS)


def test_a_finetune_that_does_not_hear_its_cancel_is_ended(make_client, qtbot, tmp_path):
    client = make_client(cancel_s=0.2)
    request_id = client.finetune(corrected(), "/m", tmp_path / "silent")
    qtbot.waitUntil(lambda: bool(client.record.of("trained")), timeout=WAIT_MS)
    client.cancel(request_id)
    assert wait_for_end(qtbot, client, request_id)[0] == "cancelled"
    assert client.record.of("notice") == []


def test_only_one_finetune_at_a_time(client, qtbot, tmp_path):
    first = client.finetune(corrected(), "/m", tmp_path / "slow", seed=100_000)
    second = client.finetune(corrected(), "/m", tmp_path / "out")
    assert "already learning" in wait_for_end(qtbot, client, second)[2]
    client.cancel(first)
    wait_for_end(qtbot, client, first)
    third = client.finetune(corrected(), "/m", tmp_path / "out")
    assert wait_for_end(qtbot, client, third)[0] == "finetuned"


def test_a_finetune_that_crashes_starts_over_once(client, qtbot, tmp_path):
    request_id = client.finetune(corrected(), "/m", tmp_path / "crashonce")
    assert wait_for_end(qtbot, client, request_id)[0] == "finetuned"
    assert "goes on where it was" in client.record.of("notice")[0][0]


def test_a_finetune_ended_for_memory_is_not_repeated(client, qtbot, tmp_path):
    request_id = client.finetune(corrected(), "/m", tmp_path / "killed")
    name, _, sentence = wait_for_end(qtbot, client, request_id)
    assert name == "failed"
    assert "most likely for want of memory" in sentence
    assert len(client.record.of("trained")) == 1
    assert client.state == "ready"


def test_a_silent_finetune_is_ended(make_client, qtbot, tmp_path):
    client = make_client(finetune_s=0.3)
    request_id = client.finetune(corrected(), "/m", tmp_path / "silent")
    name, _, sentence = wait_for_end(qtbot, client, request_id)
    assert name == "failed"
    assert "no sign for 0.3 seconds while learning" in sentence


def test_a_finetune_on_an_unusable_engine_is_told(make_client, qtbot, tmp_path):
    client = make_client("unusable")
    request_id = client.finetune(corrected(), "/m", tmp_path / "out")
    assert "No module named 'torch'" in wait_for_end(qtbot, client, request_id)[2]


@pytest.mark.parametrize("name", ["plain", "slow", "deaf"])
def test_close_leaves_no_process_and_says_nothing_more(client, qtbot, tmp_path, name):
    client.detect(film(tmp_path, name), "", "/m")
    client.finetune(corrected(), "/m", tmp_path / "slow", seed=100_000)
    qtbot.wait(300)
    processes = pids(client)
    assert len(processes) == 2
    begun = time.monotonic()
    client.close()
    assert time.monotonic() - begun < 3
    assert not [pid for pid in processes if is_alive(pid)]
    assert client.state == "stopped"
    count = len(client.record.events)
    qtbot.wait(100)
    assert len(client.record.events) == count
    client.close()


WINDOW = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from cephview.engine.client import EngineClient
from cephview.engine.supervisor import Supervisor
app = QCoreApplication([])
client = EngineClient(command=sys.argv[1:])
client.start()
client.detect("/f/deaf.png", "", "/m")
client.finetune([], "/m", "/o/silent")
client.trained.connect(lambda *args: print(*(one.process_id for one in
    client.findChildren(Supervisor)), flush=True))
app.exec()
"""


def test_a_window_that_is_killed_leaves_no_engine_behind(fake_engine):
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW, *fake_engine], stdout=subprocess.PIPE, text=True
    )
    with window:
        processes = [int(word) for word in window.stdout.readline().split()]
        window.kill()
    assert len(processes) == 2
    until = time.monotonic() + WAIT_MS / 1000
    while [pid for pid in processes if is_alive(pid)] and time.monotonic() < until:
        time.sleep(0.05)
    assert not [pid for pid in processes if is_alive(pid)]


def test_the_default_command_runs_this_program(monkeypatch):
    assert default_command() == child_process.command("engine")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert default_command() == [sys.executable, "engine"]


def test_the_window_end_does_not_load_torch():
    code = "import sys, cephview.engine.client; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_whatever_happens_every_request_has_exactly_one_end(make_client, qtbot, tmp_path):
    kinds = [
        "plain",
        "plain",
        "slow",
        "bad",
        "bug",
        "noisy",
        "crashonce",
        "crash",
        "deaf",
        "memory",
    ]
    chance = random.Random(5)
    client = make_client(detect_s=0.2, restarts=1000)
    client.start()
    ids = []
    for number in range(16):
        kind = chance.choice(kinds)
        ids.append(client.detect(film(tmp_path, f"{kind}-{number}"), "", "/m"))
        if chance.random() < 0.4:
            qtbot.wait(chance.randrange(100))
        if chance.random() < 0.3:
            client.cancel(chance.choice(ids))
    qtbot.waitUntil(lambda: not client.busy_with, timeout=3 * WAIT_MS)
    assert [len(client.record.last_answers(request_id)) for request_id in ids] == [1] * len(ids)
    qtbot.waitUntil(lambda: client.state == "ready", timeout=WAIT_MS)
    last = client.detect(film(tmp_path, "plain"), "", "/m")
    assert wait_for_end(qtbot, client, last)[0] == "detected"
