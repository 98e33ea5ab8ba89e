"""Windows and engines that are killed at a random moment."""

import random
import time
from pathlib import Path
from typing import Any

from proof import judge
from watched import Acknowledged, Watched, kill

ENDED = "was ended before it could close"


def kill_windows(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Kill the window while it starts or works; the next one must start and say so."""
    workspace, acknowledged = home / "workspace", Acknowledged()
    was_at_work = False
    for trial in range(trials + 1):
        window = Watched(home, workspace, "edit", dice.randrange(1 << 30), acknowledged)
        is_last = trial == trials
        if dice.random() < 0.15 and not is_last:
            # While it starts: what was to be said of the last one may never be.
            time.sleep(dice.uniform(0.0, 1.5))
            window.kill()
            was_at_work = was_at_work and not any(window.said.values())
        else:
            if window.wait_for("ready") is None:
                table.unstarted += 1
                table.remarks += window.errors[-1:]
            if dice.random() < 0.9:
                # On a slow machine it would else seldom have begun to work.
                window.wait_for("film")
            time.sleep(dice.uniform(0.0, 2.0))
            window.kill()
            if was_at_work and not any(ENDED in text for text in window.said["last session"]):
                table.unsaid += 1
            table.remarks += window.said["last session"][:1] if is_last else []
            was_at_work = False
        was_at_work = was_at_work or window.steps > 0
        table.trials += not is_last
        weigh(table, workspace, acknowledged)
    table.acknowledged = sum(map(len, acknowledged.values()))


def kill_detections(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Kill the engine while it looks at a film; the window lives, says so and detects again."""
    workspace, acknowledged = home / "workspace", Acknowledged()
    window = Watched(home, workspace, "detect", dice.randrange(1 << 30), acknowledged)
    landed = 0
    while table.trials < trials:
        if window.wait_for("begun", 300.0) is None:
            table.unstarted += 1
            table.remarks += window.errors[-1:]
            break
        time.sleep(dice.uniform(0.0, 3.0))
        engines = window.engines()
        for engine in engines:
            kill(engine)
        outcome = window.wait_for("ended", 300.0)
        table.trials += bool(engines)
        if outcome is None:
            table.unsaid += 1
            break
        landed += outcome == "landed"
        table.remarks += [outcome] if outcome != "landed" else []
        weigh(table, workspace, acknowledged, is_in_use=True)
    table.remarks += window.said["engine"][:1]
    table.remarks.append(f"{landed} detections had landed first or came after a new start")
    if not window.quit():
        table.unstarted += 1
        table.remarks += window.errors[-1:]
    weigh(table, workspace, acknowledged)
    table.acknowledged = sum(map(len, acknowledged.values()))


def weigh(
    table: Any, workspace: Path, acknowledged: Acknowledged, *, is_in_use: bool = False
) -> None:
    """Compare what is on disk with what was acknowledged until now."""
    database = workspace / "workspace.sqlite"
    if not acknowledged and not database.exists():
        return
    # What a window at work says from here on need not be in the copy.
    until_now = {film: dict(steps) for film, steps in list(acknowledged.items())}
    verdict = judge(database, until_now, is_in_use=is_in_use)
    table.lost += len(verdict.lost) + len(verdict.changed)
    table.half += len(verdict.half)
    table.remarks += [*verdict.half[:2], *(f"lost {step}" for step in verdict.lost[:2])]
