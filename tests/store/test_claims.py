"""Claims: who is at work on which film."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cephview.store import Workspace, claims


@pytest.fixture
def pair(folder, film, make_film):
    with Workspace.open(folder, author="Ann") as ann, Workspace.open(folder, author="Bo") as bo:
        ann.remember_film(film, Path("a.png"))
        ann.remember_film(make_film("two.png"), Path("b.png"))
        yield ann, bo


def test_a_film_is_claimed_by_one_window_until_it_gives_it_up(pair, film):
    ann, bo = pair
    assert ann.claim(film.sha256) is None
    assert ann.claim(film.sha256) is None
    assert bo.claim(film.sha256) == "Ann"
    assert bo.others_claims() == {film.sha256: "Ann"}
    assert ann.others_claims() == {}
    ann.claim("")
    assert bo.claim(film.sha256) is None


def test_a_hand_is_at_one_film(pair, film, make_film):
    ann, bo = pair
    ann.claim(film.sha256)
    ann.claim(make_film("two.png").sha256)
    assert bo.others_claims() == {make_film("two.png").sha256: "Ann"}


def test_a_claim_nobody_keeps_alive_is_free_again(pair, film, monkeypatch):
    ann, bo = pair
    ann.claim(film.sha256)
    later = datetime.now(UTC) + timedelta(seconds=claims.STALE_S + 5)
    monkeypatch.setattr(claims, "_now", lambda _: later)
    assert bo.others_claims() == {}
    assert bo.claim(film.sha256) is None
