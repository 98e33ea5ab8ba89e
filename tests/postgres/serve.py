"""A PostgreSQL server for one command: made in a temporary folder, and gone after it.

    python tests/postgres/serve.py COMMAND ...    run it with CEPHVIEW_TEST_DATABASE set
    python tests/postgres/serve.py --find         print where PostgreSQL's programs lie

The server listens on a socket in its own folder and nowhere else. It never runs as root, which it
refuses: then it runs as the user postgres, or nobody where there is none. It syncs as it does by
default, so that a commit is on disk when it is acknowledged.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl of the newest PostgreSQL here, or None."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3])
    )
    if found:
        return found[-1].parent
    anywhere = shutil.which("initdb")
    return Path(anywhere).resolve().parent if anywhere else None


def as_no_root(folder: Path) -> list[str]:
    """Give a folder to a user who is not root; return what to put before that user's commands."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]


def main() -> int:
    bin_dir = programs()
    if sys.argv[1:] == ["--find"]:
        print(bin_dir or "not found")
        return 0 if bin_dir else 1
    if bin_dir is None:
        sys.exit("PostgreSQL is not installed here.")
    with tempfile.TemporaryDirectory(prefix="cephview-pg-") as home:
        folder = Path(home)
        before = as_no_root(folder)
        data, log = folder / "data", folder / "log"
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
        make = ["-D", str(data), "-U", "cephview", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run([*before, str(bin_dir / "initdb"), *make], **quiet)
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
        control = [*before, str(bin_dir / "pg_ctl"), "-D", str(data), "-w"]
        try:
            subprocess.run([*control, "-l", str(log), "-o", options, "start"], **quiet)
        except subprocess.CalledProcessError:
            sys.exit(log.read_text() if log.exists() else "The server did not start.")
        try:
            url = f"postgresql+psycopg://cephview@/postgres?host={folder}"
            environment = {**os.environ, "CEPHVIEW_TEST_DATABASE": url}
            return subprocess.run(sys.argv[1:], env=environment).returncode
        finally:
            subprocess.run([*control, "-m", "fast", "stop"], **quiet)


if __name__ == "__main__":
    sys.exit(main())
