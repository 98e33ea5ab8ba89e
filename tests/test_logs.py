"""What reaches a log names no patient, no film, no folder and no server."""

import logging
import stat
import sys
from collections import OrderedDict
from pathlib import Path

import pytest

from cephview import __main__, logs, places
from cephview.formats import FormatError

PERSONAL = ("Mustermann", "Erika", "4711", "patients", "hunter2", "dbhost", "homedir")
FILM = Path("/homedir/patients/Mustermann, Erika/scan of Erika 4711.dcm")


@pytest.fixture
def log(tmp_path, monkeypatch):
    """A log file behind a logger of its own; called, it returns what is in it."""
    monkeypatch.setattr(places, "log_dir", lambda: tmp_path)
    # Another test may have opened a film that is called as a word of a message is.
    monkeypatch.setattr(logs, "_names", OrderedDict())
    handler = logs.log_file("test.log")
    logger = logging.getLogger("cephview.test-of-logs")
    logger.propagate = False
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def text_in(folder):
    return (folder / "test.log").read_text(encoding="utf-8")


def raised(error, cause=None):
    try:
        raise error from cause
    except BaseException as caught:
        return caught


@pytest.mark.parametrize(
    "error",
    [
        FormatError(f"{FILM.name} is damaged; choose another file."),
        OSError(2, "No such file or directory", str(FILM)),
        OSError(f"cannot identify image file {FILM}"),
        ValueError("invalid literal for int() with base 10: 'Mustermann 4711'"),
        KeyError("Mustermann^Erika"),
        UnicodeDecodeError("utf-8", b"Mustermann 4711", 0, 1, "invalid start byte"),
        RuntimeError(f'File "{FILM}" could not be opened'),
        RuntimeError(f"could not read {FILM}"),
        RuntimeError("the ID '4711' is given twice"),
        RuntimeError(r"C:\patients\Mustermann Erika\4711.png: no film"),
        RuntimeError(r"\\dbhost\patients\4711.png: no film"),
        RuntimeError("cannot reach postgresql://erika:hunter2@dbhost/patients now"),
        TypeError(f"bad operand for {FILM}"),
        ExceptionGroup("Mustermann", [ValueError("Erika"), OSError(2, "No", str(FILM))]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_traceback_names_nobody_and_still_tells_the_kind_and_the_place(log, tmp_path, error):
    cause = raised(ValueError("Erika Mustermann is 4711"))
    log.error("request %d", 7, exc_info=raised(error, cause))
    text = text_in(tmp_path)
    assert not [word for word in PERSONAL if word in text]
    assert "request 7" in text and type(error).__name__ in text and "in raised" in text


def test_words_of_libraries_and_of_python_about_the_program_are_kept(log, tmp_path):
    log.error("a", exc_info=raised(RuntimeError("CUDA error: out of memory")))
    log.error("b", exc_info=raised(AttributeError("'NoneType' object has no attribute 'shape'")))
    text = text_in(tmp_path)
    assert "RuntimeError: CUDA error: out of memory" in text
    assert "'NoneType' object has no attribute 'shape'" in text


def test_values_of_a_message_are_told_by_a_digest(log, tmp_path):
    log.warning("model folder %s left out: %s", FILM.parent, OSError(13, "Denied", str(FILM)))
    log.warning("%s", f"{FILM}: is no film")
    log.warning(f"the film {FILM} is gone")
    log.warning("in all %(count)d of %(film)s", {"count": 3, "film": FILM})
    text = text_in(tmp_path)
    assert not [word for word in PERSONAL if word in text]
    assert (
        logs.digest_of(FILM.parent) in text and "[Errno 13] Denied" in text and "in all 3" in text
    )


def test_a_name_that_is_known_is_found_in_any_text(log, tmp_path):
    logs.hide(FILM)
    log.info("engine: %s", f"TIFFReadDirectory: Warning, {FILM.stem} has an unknown field")
    log.info("engine: %s", f"{FILM.name} (page 2): cut short")
    text = text_in(tmp_path)
    assert not [word for word in PERSONAL if word in text]
    assert "has an unknown field" in text


def test_a_place_in_the_code_is_told_from_the_roots_of_python(log, tmp_path):
    crash = f'  File "{logs.__file__}", line 3 in scrubbed\n  File "{FILM}", line 1 in x'
    log.info("engine: %s", crash)
    log.info("%s", f"{sys.prefix}/lib/python3/site-packages/torch/cuda.py:12: UserWarning: old")
    text = text_in(tmp_path)
    assert 'File "cephview/logs.py", line 3' in text
    assert "torch/cuda.py:12: UserWarning: old" in text
    assert str(Path(logs.__file__).parent) not in text and "Erika" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="rights are a list there")
def test_a_log_is_its_user_s_alone_also_one_that_was_open_to_others(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "log_dir", lambda: tmp_path)
    old = tmp_path / "test.log"
    old.touch()
    old.chmod(0o644)
    logs.log_file("test.log").close()
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


def test_errors_log_holds_the_command_and_none_of_its_arguments(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(places, "log_dir", lambda: tmp_path)

    def run(name):
        raise ZeroDivisionError(f"division by zero in {FILM}")

    monkeypatch.setattr(__main__, "_command", run)
    assert __main__.main(["detect", str(FILM), "--out", "4711.csv"]) == 1
    text = (tmp_path / "errors.log").read_text(encoding="utf-8")
    assert not [word for word in PERSONAL if word in text]
    assert "detect" in text and "ZeroDivisionError: division by zero in" in text
    assert str(FILM) in capsys.readouterr().err
