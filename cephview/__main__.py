"""The command line: find the command, run it, and turn what goes wrong into one sentence."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from cephview import __version__, database_address, logs, private_files, scratch
from cephview.commands import UsageError

COMMANDS = {
    "detect": "place the landmarks on films and write them to a CSV file",
    "evaluate": "measure a model against films with known landmarks",
    "train": "train a model from a data set",
    "calibrate": "teach a model how sure it may be, and which films are unlike its own",
    "finetune": "train a model further on corrected films",
    "models": "list, show, activate, verify, export and import models",
    "export": "write the tracings of a workspace for another program",
    "audit": "write who changed what in a workspace, and the time each film took",
    "agreement": "tell how far two readers of the same films agree",
    "self-test": "check that everything the program needs is there and works",
    "demo": "open the demo film, or draw it to files where there is no display",
}
HIDDEN = ("engine", "mend", "read-films", "probe")

# By name, not by import: a room whose error arrives here was imported by the command that ran, and
# importing the others would bring torch into the window's process.
USER_ERRORS = frozenset(
    {"CommandError", "FormatError", "StoreError", "ModelError", "TrainingError", "EngineError"}
)

INTERRUPTED = 130

_PASSWORD = (
    "a password on the command line can be read by others who work on this computer; keep it in "
    "~/.pgpass, where PostgreSQL's own programs look for it, and leave it out of the address."
)


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        message = database_address.without_passwords(message)
        self.exit(2, f"cephview: {message}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    private_files.begin()
    for argument in arguments:
        if os.sep in argument or "." in argument:
            logs.hide(argument)
    _escape_what_cannot_be_printed()
    if _name_of(arguments) not in HIDDEN:
        scratch.sweep()
    try:
        return _run(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has left; a second failure while closing would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UsageError as error:
        return _say(str(error), 2)
    except Exception as error:
        return _say(_sentence(error, _name_of(arguments)), 1)


def _escape_what_cannot_be_printed() -> None:
    """Print names of files also where the console's code page lacks their letters."""
    for stream in (sys.stdout, sys.stderr):
        # There is none where the program was started without a console.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _name_of(arguments: list[str]) -> str:
    known = arguments and arguments[0] in (*COMMANDS, *HIDDEN)
    return arguments[0] if known else "window"


def _run(arguments: list[str]) -> int:
    if arguments and _name_of(arguments) == arguments[0]:
        name, *rest = arguments
        module = _command(name)
        parser = _parser(f"cephview {name}", module)
    else:
        rest = arguments
        module = _command("window")
        parser = _parser("cephview", module)
        parser.epilog = f"{parser.epilog}\n\n{_list_of_commands()}"
        parser.add_argument("--version", action="version", version=f"cephview {__version__}")
    module.add_arguments(parser)
    args = parser.parse_args(rest)
    if isinstance(workspace := getattr(args, "workspace", None), str):
        args.workspace = database_address.taken(workspace)
        if database_address.has_password(args.workspace):
            print(f"cephview: {_PASSWORD}", file=sys.stderr)
    code = int(module.run(args))
    out = getattr(args, "out", None)
    if isinstance(out, Path) and out.is_file() and (exposed := private_files.exposure(out)):
        print(f"cephview: {exposed}", file=sys.stderr)
    return code


def _command(name: str) -> ModuleType:
    return importlib.import_module(f"cephview.commands.{name.replace('-', '_')}")


def _parser(prog: str, module: ModuleType) -> _Parser:
    return _Parser(
        prog=prog,
        description=module.HELP,
        epilog=f"example:\n  {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _list_of_commands() -> str:
    lines = [f"  cephview {name:<10} {what}" for name, what in COMMANDS.items()]
    return "\n".join(["commands (each has its own --help):", *lines])


def _sentence(error: Exception, command: str) -> str:
    """Return what to tell the user; an error that no room foresaw goes to the log as well."""
    if any(
        kind.__name__ in USER_ERRORS and kind.__module__.startswith("cephview.")
        for kind in type(error).__mro__
    ):
        return str(error)
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror.lower()}"
    summary = " ".join(str(error).split()) or type(error).__name__
    return f"an unexpected error stopped the program ({summary}); {_log(error, command)}"


def _log(error: Exception, command: str) -> str:
    try:
        return f"its details are in {logs.add_error(error, command)}"
    except OSError as second:
        return f"its details could not be written to a log ({second.strerror})"


def _say(sentence: str, code: int) -> int:
    sentence = database_address.without_passwords(sentence)
    print(f"cephview: {sentence}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
