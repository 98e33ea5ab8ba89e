"""Ten annotators on one workspace of a real server: nothing is lost, whatever comes at once."""

import hashlib
import os
import random
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from cephview.core.film import Film
from cephview.core.tracing import Tracing
from cephview.places import load_landmark_set
from cephview.store import StoreError, Workspace, journal, queries
from cephview.store.claims import STALE_S

LANDMARKS = load_landmark_set("isbi19")
EMPTY = Tracing.empty(LANDMARKS.id, LANDMARKS.ids)
ANNOTATORS = 10
EDITS = int(os.environ.get("CEPHVIEW_TEST_EDITS", "10000"))
FILMS = 20


def film_of(number: int) -> Film:
    name = f"film-{number}.png"
    return Film(np.zeros((2, 2), np.uint8), hashlib.sha256(name.encode()).hexdigest(), name)


BUSY = "is busy in another window: this change is not saved"


class Annotator(threading.Thread):
    """Moves points at random on films that others work on, and notes every acknowledged step."""

    def __init__(self, number: int, url: str, folder: Path, edits: int) -> None:
        super().__init__(name=f"annotator {number}")
        self.author = f"annotator {number}"
        self.dice = random.Random(number)
        self.url, self.folder, self.edits = url, folder, edits
        self.said: list[tuple[str, str, tuple[float, float]]] = []
        self.seconds: list[float] = []
        self.plain = self.merged = self.contested = self.refused = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with Workspace.open(self.folder, url=self.url, author=self.author) as workspace:
                self.work(workspace)
        except BaseException as error:
            self.error = error

    def work(self, workspace: Workspace) -> None:
        films = [film_of(n).sha256 for n in range(FILMS)]
        present: dict[str, Tracing] = {}
        for number in range(self.edits):
            film = self.dice.choice(films)
            if film not in present:
                present[film] = workspace.history(film, EMPTY).present
            before = present[film]
            name = self.dice.choice(LANDMARKS.ids)
            # No two of all edits are at one place, so that each can be told in the journal.
            place = (float(number), float(self.author.split()[1]))
            after = before.moved(name, place, by=self.author, at=f"{number:06}")
            began = time.perf_counter()
            while True:
                try:
                    if film in present:
                        workspace.append_commit(film, after)
                        present[film] = after
                        self.plain += 1
                    else:
                        appended = workspace.merge(film, before, after)
                        self.merged += 1
                        self.contested += bool(appended.merged.contested)
                    break
                except StoreError as error:
                    if error.is_conflict:
                        del present[film]
                    elif BUSY in str(error):
                        # As a window does: the step waits, and is tried again.
                        self.refused += 1
                    else:
                        raise
            self.seconds.append(time.perf_counter() - began)
            self.said.append((film, name, place))


@pytest.mark.timeout(1800)
def test_no_update_is_lost_among_ten_annotators(url, tmp_path):
    with Workspace.open(tmp_path, url=url) as workspace:
        for number in range(FILMS):
            workspace.remember_film(film_of(number), Path(f"/films/{number}.png"))
    team = [Annotator(n, url, tmp_path, EDITS // ANNOTATORS) for n in range(ANNOTATORS)]
    began = time.perf_counter()
    for one in team:
        one.start()
    for one in team:
        one.join()
    took = time.perf_counter() - began
    assert [one.error for one in team if one.error is not None] == []
    there = set()
    steps = 0
    with Workspace.open(tmp_path, url=url) as workspace:
        for number in range(FILMS):
            film = film_of(number).sha256
            with workspace.transaction() as connection:
                revisions = queries.read_revisions(connection, film, 0)
            steps += len(revisions)
            assert [r.number for r in revisions] == list(range(1, len(revisions) + 1))
            last = EMPTY
            for _, _, last in journal.walked(revisions, [], []):
                there |= {(film, p.landmark, p.human.xy) for p in last if p.human is not None}
            # What the list and the next window show is what the journal tells.
            assert workspace.tracing(film) == last
    said = [step for one in team for step in one.said]
    assert len(said) == len(set(said)) == EDITS // ANNOTATORS * ANNOTATORS
    lost = [step for step in said if step not in there]
    seconds = sorted(s for one in team for s in one.seconds)
    print(
        f"\n{ANNOTATORS} annotators, {len(said)} acknowledged edits on {FILMS} films in "
        f"{took:.0f} s: lost {len(lost)}; {sum(o.plain for o in team)} at once, "
        f"{sum(o.merged for o in team)} brought together, of which "
        f"{sum(o.contested for o in team)} on a point another had just moved; "
        f"{sum(o.refused for o in team)} times the server was busy for 5 s and a step waited; "
        f"{steps} revisions; an edit took {1000 * seconds[len(seconds) // 2]:.1f} ms in the "
        f"median, {1000 * seconds[int(0.99 * len(seconds))]:.1f} ms at p99"
    )
    assert lost == []


def test_ten_windows_make_the_tables_once(url, tmp_path):
    errors: list[BaseException] = []

    def open_one() -> None:
        try:
            Workspace.open(tmp_path, url=url).close()
        except BaseException as error:
            errors.append(error)

    team = [threading.Thread(target=open_one) for _ in range(ANNOTATORS)]
    for one in team:
        one.start()
    for one in team:
        one.join()
    assert errors == []


def test_of_ten_who_want_a_film_at_once_one_has_it(url, tmp_path):
    film = film_of(0)
    team = [Workspace.open(tmp_path, url=url, author=f"A{n}") for n in range(ANNOTATORS)]
    team[0].remember_film(film, Path("/films/0.png"))
    answers: list[str | None] = []
    threads = [
        threading.Thread(target=lambda w=w: answers.append(w.claim(film.sha256))) for w in team
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [w for w in team if not w.others_claims()]
    assert answers.count(None) == len(winners) == 1
    holder = winners[0]._author
    assert {answer for answer in answers if answer is not None} == {holder}
    assert team[0 if winners[0] is not team[0] else 1].others_claims() == {film.sha256: holder}
    winners[0].claim("")
    second = next(w for w in team if w is not winners[0])
    assert second.claim(film.sha256) is None
    for workspace in team:
        workspace.close()


def test_a_claim_nobody_keeps_alive_is_free_again(url, tmp_path):
    film = film_of(0)
    with (
        Workspace.open(tmp_path, url=url, author="Ann") as ann,
        Workspace.open(tmp_path, url=url, author="Bo") as bo,
    ):
        ann.remember_film(film, Path("/films/0.png"))
        assert ann.claim(film.sha256) is None
        assert bo.claim(film.sha256) == "Ann"
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE claims SET at = :at"), {"at": "2026-01-01T00:00:00+00:00"}
            )
        engine.dispose()
        assert STALE_S > 0 and bo.others_claims() == {}
        assert bo.claim(film.sha256) is None
        assert ann.others_claims() == {film.sha256: "Bo"}


def test_a_cut_wire_is_told_within_seconds_and_a_new_one_is_found(wire, tmp_path):
    film = film_of(0)
    with Workspace.open(tmp_path, url=wire.url, author="Ann") as workspace:
        workspace.remember_film(film, Path("/films/0.png"))
        moved = EMPTY.moved("S", (1, 1), by="Ann", at="1")
        assert workspace.append_commit(film.sha256, moved) == 1
        wire.cut()
        again = moved.moved("N", (2, 2), by="Ann", at="2")
        began = time.monotonic()
        with pytest.raises(StoreError, match="cannot be reached") as told:
            workspace.append_commit(film.sha256, again)
        assert told.value.is_cut and time.monotonic() - began < 10
        with pytest.raises(StoreError) as told:
            workspace.tracing(film.sha256)
        assert told.value.is_cut
        wire.mend()
        assert workspace.append_commit(film.sha256, again) == 2
        assert workspace.tracing(film.sha256) == again


def test_a_server_that_is_not_there_is_told_at_opening(tmp_path):
    url = "postgresql+psycopg://cephview:secret@127.0.0.1:1/none"
    with pytest.raises(StoreError, match="cannot be reached") as told:
        Workspace.open(tmp_path, url=url)
    assert "secret" not in str(told.value)
