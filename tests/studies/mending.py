"""Study: does the window live while a large workspace is opened, recovered, migrated, put back?

    python tests/studies/mending.py [--films 5000] [--steps 100] [--folder DIR] [--picture FILE]

Fills a workspace as workspace.py does, or takes the one in DIR/workspace, and opens the real window
on it, off the screen: as it is; as its last window left it that was killed; of an older version;
damaged. Then a backup is put back. Each time: until the window is painted, until its workspace is
open, and the longest time in which it answered no event, told by a timer of 5 ms.
"""

import argparse
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parents[1] / "stand_ins"))

from fake_engine import FakeEngine
from older_workspace import as_version
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workspace import fill, row

from cephview import app
from cephview.settings import Settings
from cephview.store import checking
from cephview.store.checksums import with_checksum
from cephview.store.schema import sessions
from cephview.ui.look.theme import DARK, apply_theme
from cephview.ui.main_window import MainWindow

_BEAT_MS = 5


class Pulse:
    """The longest time in which no event was answered."""

    def __init__(self) -> None:
        self.longest_s, self._last = 0.0, time.monotonic()
        self._timer = QTimer(interval=_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest_s, self._last = max(self.longest_s, now - self._last), now

    def begin(self) -> None:
        self.longest_s, self._last = 0.0, time.monotonic()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="a folder to work in, which is kept")
    parser.add_argument("--picture", type=Path, help="draw the window here while it recovers")
    args = parser.parse_args()
    qapp = QApplication(sys.argv[:1])
    apply_theme(qapp, DARK)
    with tempfile.TemporaryDirectory(prefix="cephview-study-") as home:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(home) / name.lower())
        folder = (args.folder or Path(home)) / "workspace"
        path = folder / "workspace.sqlite"
        if not path.exists():
            fill(folder, args.films, args.steps)
        row("size on disk", f"{path.stat().st_size / 1e6:.1f} MB")
        opened(qapp, folder, "as it is")
        ended = with_checksum(sessions, {"author": "a", "opened_at": "2027", "closed_at": ""})
        columns, values = ", ".join(ended), ", ".join(f"'{value}'" for value in ended.values())
        change(path, f"INSERT INTO sessions ({columns}) VALUES ({values})")
        opened(qapp, folder, "its last window was killed")
        as_version(path, 9)
        opened(qapp, folder, "of an older version")
        opened(qapp, folder, "a backup made, and put back", then=restore)
        shutil.rmtree(folder / "backups")
        spoil(path)
        opened(qapp, folder, "two pages spoilt", picture=args.picture)
    return 0


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 2048)
        file.seek(4096 * 20)
        file.write(b"\xa5" * 4096)
    checking.mark(path)


def opened(
    qapp: QApplication,
    folder: Path,
    name: str,
    *,
    then: Callable[[QApplication, MainWindow, Pulse], None] | None = None,
    picture: Path | None = None,
) -> None:
    """Open a window on a workspace and tell how it went."""
    pulse, begun = Pulse(), time.monotonic()
    engine: Any = FakeEngine()
    window = app.make_window(app.make_services(Settings(), str(folder), "", engine), DARK)
    painted: list[float] = []

    def start() -> None:
        painted.append(time.monotonic() - begun)
        pulse.begin()
        window.session.start()
        engine.start()

    window.painted.connect(lambda: QTimer.singleShot(0, start))
    window.show()
    wait(qapp, lambda: bool(painted))
    opening = window.session.opening
    if picture is not None:
        QTimer.singleShot(8000, lambda: window.grab().save(str(picture)))
    wait(qapp, lambda: not opening.is_underway)
    wait(qapp, lambda: False, 0.2)
    tell(name, painted[0], time.monotonic() - begun - 0.2, pulse)
    said = [
        n.text.replace(str(folder), "")
        for n in window.notices._notices
        if n.topic in ("", "workspace", "restore")
    ]
    row("", " ".join(said)) if said else None
    if then is not None:
        then(qapp, window, pulse)
    workspace = window.session.keeping._workspace
    if workspace is not None and workspace._database.check is not None:
        # It has the file open, and in this process nobody else could mend it.
        workspace._database.check.wait()
    window.close()
    window.session.keeping.close()


def restore(qapp: QApplication, window: MainWindow, pulse: Pulse) -> None:
    window.session.keeping.back_up()
    found: list[float] = []

    def choose(backups: Any) -> Any:
        found.append(time.monotonic())
        return backups[0]

    window.safekeeping._choose = choose
    pulse.begin()
    begun = time.monotonic()
    window.safekeeping.restore()
    row("  its backups found and counted", f"{found[0] - begun:6.2f} s")
    wait(qapp, lambda: not window.session.opening.is_underway)
    wait(qapp, lambda: False, 0.2)
    tell("  put back", 0.0, time.monotonic() - begun - 0.2, pulse)


def tell(name: str, painted_s: float, open_s: float, pulse: Pulse) -> None:
    still = 1000 * pulse.longest_s
    row(name, f"painted {painted_s:.2f} s, open {open_s:6.2f} s, stood still {still:.0f} ms")


def wait(qapp: QApplication, is_over: Callable[[], bool], at_most_s: float = 1800.0) -> None:
    end = time.monotonic() + at_most_s
    while not is_over() and time.monotonic() < end:
        qapp.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    sys.exit(main())
