"""Fine-tunes that are ended at a random moment: their engine killed, or their window."""

import hashlib
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from kills import ENDED, weigh
from learner import JUDGED
from watched import Acknowledged, Watched, kill

from cephview.ui.learning.installed_models import NOTE, read_model

_FILMS = 5
_LONGEST_S = 300.0
_BETWEEN_S = 1.5
_WRITTEN_S = 0.4
_BOTH = 0.2
_GONE_S = 20.0
# What a window says of a fine-tune whose engine was ended.
_TOLD = "while learning from the corrections"
_TOLD_LATER = ("was interrupted", "is judged")


def kill_finetunes(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Kill the engine while it learns; the window lives, says so, and goes on."""
    workspace, acknowledged = home / "workspace", Acknowledged()
    window = Watched(home, workspace, "finetune", dice.randrange(1 << 30), acknowledged)
    said: Counter[str] = Counter()
    too_late, moments = 0, Counter[str]()
    while table.trials < trials and too_late <= trials:
        moment = _at_some_moment(window, dice)
        if moment is None:
            table.unstarted += 1
            table.remarks += window.errors[-1:]
            break
        if moment:
            for engine in _chosen(window.engines(), dice):
                kill(engine)
        outcome = (window.take({"ended"}, _LONGEST_S) or {}).get("ended") if moment else JUDGED
        if outcome is None:
            table.unsaid += 1
            break
        if outcome == JUDGED:
            too_late += 1
            continue
        table.trials += 1
        moments[moment] += 1
        said[outcome.split("; the log in")[0]] += 1
        table.unsaid += _TOLD not in outcome
        _look_for_halves(table, home, is_none_left=True)
        weigh(table, workspace, acknowledged, is_in_use=True)
    # Then one that nobody disturbs.
    last = window.take({"ended"}, _LONGEST_S) or {}
    table.unstarted += last.get("ended") != JUDGED
    table.half += not last.get("is_whole", False)
    _tell(table, "hit a running fine-tune", too_late, moments, said)
    table.remarks.append(f"the one after: {last.get('sentence', last.get('ended'))}")
    if not window.quit():
        table.unstarted += 1
        table.remarks += window.errors[-1:]
    _look_for_halves(table, home, is_none_left=True)
    weigh(table, workspace, acknowledged)
    table.acknowledged = sum(map(len, acknowledged.values()))


def kill_learning_windows(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Kill the window while its engine learns; the next one says so and goes on."""
    workspace, acknowledged = home / "workspace", Acknowledged()
    said: Counter[str] = Counter()
    moments = Counter[str]()
    was_at_work = False
    for trial in range(trials + 1):
        window = Watched(home, workspace, "finetune", dice.randrange(1 << 30), acknowledged)
        if window.take({"ready"}, _LONGEST_S) is None:
            table.unstarted += 1
            table.remarks += window.errors[-1:]
        moment = _at_some_moment(window, dice)
        if trial:
            # By then it has long said what it found.
            told = window.said["interrupted"] + window.said["judged"]
            said.update(told[:1])
            table.unsaid += not any(word in text for text in told for word in _TOLD_LATER)
            # A window that only went on learning wrote nothing, and there is nothing to say of it.
            is_told = any(ENDED in text for text in window.said["last session"])
            table.unsaid += was_at_work and not is_told
        if trial == trials:
            last = window.take({"ended"}, _LONGEST_S) if moment else {"ended": JUDGED}
            table.unstarted += (last or {}).get("ended") != JUDGED
            table.unstarted += not window.quit()
            break
        engines = window.engines()
        window.kill_alone()
        was_at_work = window.steps > 0
        _wait_until_gone(table, engines)
        moments[moment or "it was done"] += 1
        table.trials += 1
        _look_for_halves(table, home, is_none_left=False)
        weigh(table, workspace, acknowledged)
    _tell(table, "killed a window that learned", 0, moments, said)
    _look_for_halves(table, home, is_none_left=True)
    weigh(table, workspace, acknowledged)
    table.acknowledged = sum(map(len, acknowledged.values()))


def _at_some_moment(window: Watched, dice: random.Random) -> str | None:
    """Wait until some moment of a fine-tune; return what it was at, "" where it was over by then.

    None: no fine-tune ever began.
    """
    if window.take({"begun"}, _LONGEST_S) is None:
        return None
    looked_at = dice.randrange(_FILMS + 1)
    for _ in range(looked_at):
        line = window.take({"learning", "ended"}, _LONGEST_S)
        if line is None:
            return None
        if "ended" in line:
            return ""
    if not looked_at:
        # That takes longest: torch is loaded anew for each fine-tune.
        time.sleep(dice.uniform(0.0, 6 * _BETWEEN_S))
        return "its engine starting"
    if looked_at == _FILMS:
        # What is written is written fast.
        time.sleep(dice.uniform(0.0, _WRITTEN_S))
        return "its last film and what is written"
    time.sleep(dice.uniform(0.0, _BETWEEN_S))
    return "a film between"


def _chosen(engines: list[int], dice: random.Random) -> list[int]:
    """Choose the engine that learns, started last; sometimes with it the one that detects."""
    return sorted(engines) if dice.random() < _BOTH else sorted(engines)[-1:]


def _look_for_halves(table: Any, home: Path, *, is_none_left: bool) -> None:
    """Count models that a window would offer and that are not whole, and folders left behind.

    One with a note is neither: the window that comes next offers to go on with it.
    """
    for path in sorted((home / "xdg_data_home" / "cephview" / "models").glob("*")):
        if (path / NOTE).exists():
            continue
        model = read_model(path, is_own=True) if path.is_dir() else None
        is_half = False
        if model is not None:
            weights = (path / "model.safetensors").read_bytes()
            is_half = hashlib.sha256(weights).hexdigest() != model.info.sha256
        if is_half or is_none_left:
            table.half += 1
            table.remarks.append(f"left behind: {path.name}")


def _wait_until_gone(table: Any, processes: list[int]) -> None:
    end = time.monotonic() + _GONE_S
    while any(Path(f"/proc/{one}").exists() for one in processes):
        if time.monotonic() > end:
            table.half += 1
            table.remarks.append("an engine outlived its window")
            for one in processes:
                kill(one)
            return
        time.sleep(0.05)


def _tell(table: Any, what: str, too_late: int, moments: Counter[str], said: Counter[str]) -> None:
    at = ", ".join(f"{count} at {moment}" for moment, count in sorted(moments.items()))
    late = f"; {too_late} more came when it was done, and do not count" if too_late else ""
    table.remarks.append(f"{table.trials} kills {what}: {at}{late}")
    table.remarks += [f"{count} times: {text}" for text, count in said.most_common()]
