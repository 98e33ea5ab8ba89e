"""Random bytes anywhere in the files of a workspace, logs that are gone, files that are older."""

import random
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "stand_ins"))

import spoilt_workspaces


def spoil_at_random(table: Any, home: Path, trials: int, dice: random.Random) -> None:
    """Harm copies of a killed and of a closed workspace, and judge each."""
    kept, older = [], home / "older.sqlite"
    for is_killed in (True, False):
        folder = home / f"kept-{is_killed}"
        kept.append(spoilt_workspaces.kept_workspace(folder, dice, is_killed=is_killed, steps=12))
    refused, alarms = 0, 0
    of_harm: dict[str, int] = {}
    for trial in range(trials):
        source, folder = dice.choice(kept), home / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source.folder, folder)
        shutil.copyfile(sorted((folder / "backups").glob("*.sqlite"))[0], older)
        name = spoilt_workspaces.harm(folder, older, dice)
        outcome = spoilt_workspaces.judged(folder, source)
        table.trials += 1
        table.acknowledged += sum(map(len, source.steps.values()))
        table.half += outcome.strange
        table.unsaid += outcome.unsaid
        alarms += outcome.false_alarms
        of_harm[name] = of_harm.get(name, 0) + sum(outcome.lost.values())
        refused += outcome.refused
        if outcome.strange or outcome.unsaid or outcome.false_alarms:
            table.remarks.append(f"trial {trial}, {name}: {outcome.said.strip()}")
    told = ", ".join(f"{name} {count}" for name, count in sorted(of_harm.items()) if count)
    table.remarks.append(
        f"{refused} refused with a sentence; {alarms} losses said of what is there; "
        f"steps lost, and said: {told}"
    )
