"""How this program starts a process of its own: one of its commands, without a window.

The child runs this very copy of the program, wherever it lies (a checkout that is not installed, an
installed package, a bundle) and whatever folder one works in. Run as a script, this module is where
such a child begins; so it imports nothing but what Python brings.
"""

import runpy
import sys
from pathlib import Path


def command(name: str, *arguments: str) -> list[str]:
    """Return the command line that runs a command of the program, hidden ones too."""
    if getattr(sys, "frozen", False):
        # There the executable is the program itself, and takes none of Python's options.
        return [sys.executable, name, *arguments]
    # With -P neither the folder of this script nor the working folder, which may be one of films,
    # is a place to take modules from.
    return [sys.executable, "-P", str(Path(__file__).resolve()), name, *arguments]


def _main() -> None:
    root = str(Path(__file__).resolve().parents[1])
    sys.path.insert(0, root)
    import cephview

    # This copy is found now. Behind the others, its folder hides no library's module.
    sys.path.append(sys.path.pop(0))
    assert cephview.__file__ and Path(cephview.__file__).resolve().is_relative_to(root)
    runpy.run_module("cephview", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
