"""The program's logs, which a user may send to a stranger: nothing personal is written to them.

Everything that reaches a log file comes through this module, so that one place decides. A message,
its values and a traceback keep what tells of the program: kinds of errors, places in the code, the
words of the system. What a film, a folder, a person or a server is called becomes a short digest,
by which two lines can still be seen to speak of the same one.
"""

import contextlib
import copy
import hashlib
import logging
import os
import re
import sys
import time
import traceback
from collections import OrderedDict
from collections.abc import Iterator
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any

from cephview import __version__, places, private_files

MAX_BYTES = 2 * 1024 * 1024
_KEPT_NAMES = 2000
_SHORTEST_NAME = 3

# Their messages are of the program's own names, which stand in quotes.
_OF_CODE = (AttributeError, ImportError, NameError, TypeError)
# Their messages are the program's, a library's or the system's words, and rarely quote what was
# read. Of every other kind the message may be a value from a file, and only the kind is told.
_IN_WORDS = (
    *_OF_CODE,
    ArithmeticError,
    AssertionError,
    IndexError,
    MemoryError,
    RuntimeError,
    SystemError,
)

_SUFFIXES = (
    "dcm|dicom|dic|ima|png|jpe?g|jfif|jp2|jpx|j2k|j2c|jls|tiff?|bmp|dib|gif|webp|avif|heic|heif|"
    "csv|tsv|txt|xlsx?|json|jsonl|zip|npy|npz|toml|sqlite|html?|pdf"
)
# What is found first stands first: a frame's place in the code may be told, other quotes not.
_FRAME = r'File "(?P<frame>[^"\n]+)"(?=, line \d+)'
_QUOTED = r"\"[^\"\n]*\"|'[^'\n]*'|“[^”\n]*”|‘[^’\n]*’|«[^»\n]*»"
_URL = r"\b[a-zA-Z][a-zA-Z0-9+.-]+://\S+"
# A path may hold spaces, so it goes on to what cannot be its own.
_PATH = (
    r"(?<![\w.~/\\-])(?:~?/(?=[^\s/])|[A-Za-z]:[\\/]|\\\\)"
    r"[^\"'“”<>|\n]*?(?=: |; |[\"'“”<>|\n]|$)"
)
_RELATIVE = r"[^\s\"'“”/\\:;()<>|=]+(?:[/\\][^\s\"'“”:;()<>|]+)+"
_FILE = rf"[^\s\"'“”/\\:;()<>|=]+\.(?:{_SUFFIXES})\b"
_PERSONAL = re.compile("|".join((_FRAME, _URL, _PATH, _QUOTED, _RELATIVE, _FILE)), re.IGNORECASE)
_PERSONAL_BUT_QUOTES = re.compile("|".join((_FRAME, _URL, _PATH, _RELATIVE, _FILE)), re.IGNORECASE)

_names: OrderedDict[str, None] = OrderedDict()


def hide(path: Path | str) -> None:
    """Let a film's path, and its name with and without its suffix, appear in no log.

    For texts in which nothing shows where a name ends, such as a library's own messages.
    """
    whole = PurePath(path)
    for name in (str(whole), whole.name, whole.stem):
        if len(name) >= _SHORTEST_NAME:
            _names[name] = None
            _names.move_to_end(name)
    while len(_names) > _KEPT_NAMES:
        _names.popitem(last=False)


def digest_of(name: object) -> str:
    """Return what stands for a name in a log."""
    text = str(name).encode("utf-8", "surrogatepass")
    return f"‹{hashlib.sha256(text).hexdigest()[:6]}›"


def scrubbed(text: str, *, keeps_quotes: bool = False) -> str:
    """Return a text without names of files, folders and servers, and without what is quoted."""
    for name in sorted(_names, key=len, reverse=True):
        if name in text:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", digest_of(name), text)
    pattern = _PERSONAL_BUT_QUOTES if keeps_quotes else _PERSONAL
    return pattern.sub(_replaced, text)


def _replaced(found: re.Match[str]) -> str:
    if found["frame"]:
        return f'File "{_in_code(found["frame"])}"'
    text = found[0]
    if text[0] in "\"'“‘«":
        return text[0] + digest_of(text[1:-1]) + text[-1]
    scheme, is_url, _ = text.partition("://")
    if is_url:
        return f"{scheme}://{digest_of(text)}"
    at = re.search(r"(:\d+)?$", text)
    assert at is not None
    told = _of_program(text[: at.start()])
    return told + at[0] if told else digest_of(text)


def _of_program(path: str) -> str:
    """Return the place of a file of the program or of Python beneath its root, "" for others."""
    if not re.fullmatch(r"[\w.+\-/\\: ]+", path):
        return ""
    package = Path(__file__).parent
    roots = (package.parent, sys.prefix, sys.base_prefix, sys.exec_prefix)
    inside = (Path(root) for root in roots if Path(root) != Path(Path(root).anchor))
    for root in inside:
        with contextlib.suppress(ValueError, OSError):
            beneath = Path(path).relative_to(root)
            if beneath.suffix in (".py", ".pyc", ".so", ".pyd", ".dll") or ".so." in beneath.name:
                return beneath.as_posix().split("site-packages/")[-1]
    return ""


def _in_code(path: str) -> str:
    return _of_program(path) or (path if path.startswith("<") else digest_of(path))


def error_text(error: BaseException) -> str:
    """Return the kind of an error and as much of its message as tells nothing personal."""
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    if isinstance(error, OSError):
        number = getattr(error, "winerror", None) or error.errno
        return f"{name}: [Errno {number}] {scrubbed(str(error.strerror))}" if number else name
    message = str(error)
    if not message:
        return name
    if isinstance(error, _IN_WORDS) and not kind.__module__.startswith("cephview."):
        return f"{name}: {scrubbed(message, keeps_quotes=isinstance(error, _OF_CODE))}"
    return f"{name}: {digest_of(message)}"


def traceback_text(error: BaseException) -> str:
    """Return a traceback as Python prints it, with its causes, and nothing personal in it."""
    return "".join(_lines(error, set()))


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__
    context = None if error.__suppress_context__ else error.__context__
    for earlier, words in (
        (cause, "The above exception was the direct cause of the following exception:"),
        (context, "During handling of the above exception, another exception occurred:"),
    ):
        if earlier is not None and id(earlier) not in seen:
            yield from _lines(earlier, seen)
            yield f"\n{words}\n\n"
            break
    yield "Traceback (most recent call last):\n"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{_in_code(frame.filename)}", line {frame.lineno}, in {frame.name}\n'
        # The line itself is the program's text, where the file is the program's.
        if frame.line and _of_program(frame.filename):
            yield f"    {frame.line}\n"
    yield f"{error_text(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _lines(one, seen)


class _Formatter(logging.Formatter):
    """One line a record, in UTC, then the traceback."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(f"%(asctime)s {os.getpid()} %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        safe = copy.copy(record)
        safe.msg, safe.args = _message(record), None
        safe.exc_text = safe.stack_info = None
        return super().format(safe)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return "" if ei[1] is None else traceback_text(ei[1]).rstrip("\n")


def _message(record: logging.LogRecord) -> str:
    # With values beside it, the message itself is the words of the program.
    args = record.args
    try:
        if isinstance(args, dict):
            return str(record.msg) % {key: _value(one) for key, one in args.items()}
        if args:
            return str(record.msg) % tuple(map(_value, args))
    except (TypeError, ValueError, KeyError):
        return scrubbed(str(record.msg))
    is_error = isinstance(record.msg, BaseException)
    return error_text(record.msg) if is_error else scrubbed(str(record.msg))  # type: ignore[arg-type]


def _value(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, BaseException):
        return error_text(value)
    if isinstance(value, PurePath):
        return digest_of(value)
    return scrubbed(str(value))


class _LogFile(RotatingFileHandler):
    """A log that its user alone can read."""

    def _open(self) -> TextIOWrapper:
        return open(
            self.baseFilename,
            "a",
            encoding="utf-8",
            errors="backslashreplace",
            opener=private_files.opener,
        )


def log_file(name: str, *, is_shared: bool = False) -> logging.Handler:
    """Return a handler that writes to a file of the user's log folder; older text makes room.

    is_shared: several processes write to it, so that it makes room only here. Raises OSError.
    """
    path = places.log_dir() / name
    if is_shared and path.exists() and path.stat().st_size > MAX_BYTES:
        path.replace(path.with_suffix(".1.log"))
    handler = _LogFile(path, maxBytes=0 if is_shared else MAX_BYTES, backupCount=3)
    handler.setFormatter(_Formatter())
    return handler


def stream() -> logging.Handler:
    """Return a handler that writes to standard error, which another log may take up."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter())
    return handler


def add_error(error: BaseException, command: str) -> Path:
    """Add an error of a command, named without its arguments, to errors.log; return that file.

    Raises OSError.
    """
    handler = log_file("errors.log", is_shared=True)
    try:
        record = logging.LogRecord(
            "cephview", logging.ERROR, "", 0, "%s, version %s", (command, __version__), None
        )
        record.exc_info = (type(error), error, error.__traceback__)
        _emit(handler, record)
    finally:
        handler.close()
    return places.log_dir() / "errors.log"


def _emit(handler: logging.Handler, record: logging.LogRecord) -> None:
    # Handler.emit would print a failure instead of raising it.
    assert isinstance(handler, logging.StreamHandler)
    file: Any = handler.stream
    file.write(handler.format(record) + "\n")
    file.flush()
