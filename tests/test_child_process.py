"""A child is this very copy of the program: in a checkout, anywhere, and in a frozen bundle."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cephview
from cephview import child_process
from cephview.formats import gdcm_decode
from cephview.formats.dicom_write import write_film_dicom
from cephview.formats.film_reader import FilmReader
from cephview.self_test import installation

PACKAGE = Path(cephview.__file__).parent
# Fails as an executable would that is no Python, for whoever gives it Python's options.
LAUNCHER = """#!{python}
import subprocess, sys
if sys.argv[1].startswith("-") or sys.argv[1].endswith(".py"):
    sys.exit("this is the program, not Python")
with open({log!r}, "a") as log:
    log.write(sys.argv[1] + "\\n")
sys.exit(subprocess.run([sys.executable, "-P", {start!r}, *sys.argv[1:]]).returncode)
"""


def run(command, **options):
    return subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **options
    )


@pytest.fixture
def frozen(monkeypatch, tmp_path):
    """Let the program be a bundle, whose executable is a script; return what it was asked for."""
    if sys.platform == "win32":
        pytest.skip("a script is no executable there")
    launcher, log = tmp_path / "cephview-bundle", tmp_path / "asked"
    text = LAUNCHER.format(python=sys.executable, start=child_process.__file__, log=str(log))
    launcher.write_text(text)
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(launcher))
    return lambda: log.read_text().split() if log.exists() else []


@pytest.fixture
def hostile(tmp_path):
    """A folder of films that holds modules, too."""
    folder = tmp_path / "films"
    (folder / "cephview").mkdir(parents=True)
    for name in ("cephview/__init__.py", "argparse.py", "numpy.py", "gdcm.py"):
        (folder / name).write_text("raise SystemExit('foreign code')")
    return folder


def test_a_child_takes_no_code_from_the_folder_one_works_in(hostile):
    done = run(child_process.command("engine", "--help"), cwd=hostile)
    assert done.returncode == 0 and "usage: cephview engine" in done.stdout


def test_a_child_of_a_checkout_that_is_not_installed_is_of_that_checkout(tmp_path, hostile):
    checkout = tmp_path / "checkout"
    shutil.copytree(PACKAGE, checkout / "cephview", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "cephview" / "commands" / "probe.py").write_text(
        "HELP = EXAMPLE = ''\n"
        "def add_arguments(parser): pass\n"
        "def run(args): print(__file__); return 0\n"
    )
    code = (
        "import sys; from cephview import child_process;"
        "print(*child_process.command('probe'), sep='\\n')"
    )
    # In the checkout "-c" finds the package in the working folder, as "-m" does.
    begun = run([sys.executable, "-c", code], cwd=checkout)
    done = run(begun.stdout.splitlines(), cwd=hostile)
    assert Path(done.stdout.strip()).is_relative_to(checkout), done.stderr


def test_a_frozen_program_is_given_none_of_pythons_options(frozen):
    assert child_process.command("engine", "x") == [sys.executable, "engine", "x"]
    assert run(child_process.command("engine", "--help")).returncode == 0
    assert frozen() == ["engine"]


def test_a_frozen_program_reads_a_lossless_jpeg(frozen, tmp_path):
    import gdcm

    pixels = (np.arange(200 * 240).reshape(240, 200) % 4096).astype(np.uint16)
    plain, packed = tmp_path / "plain.dcm", tmp_path / "packed.dcm"
    write_film_dicom(
        plain, pixels, bits_stored=12, imager_pixel_spacing_mm=(0.1, 0.1), magnification=None,
        patient_id="A", synthetic=True,
    )  # fmt: skip
    reader = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(packed))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    reader_of_bundle = FilmReader()
    _, found = reader_of_bundle.ask({"read": "film", "path": str(packed)})
    reader_of_bundle.kill()
    assert np.array_equal(found, pixels)
    assert frozen() == ["read-films"]


def test_a_frozen_program_probes_qt_for_its_self_test(frozen):
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    assert installation._probe("qt", 60, environment) == "offscreen"
    assert frozen() == ["probe"]


def test_a_damaged_frame_is_an_error_of_the_frame_alone():
    from pydicom import uid

    with pytest.raises(ValueError, match="GDCM"):
        gdcm_decode.decode(
            b"\xff\xd8\xff", (240, 200), uid.JPEGLosslessSV1,
            bits_allocated=16, bits_stored=12, is_signed=False,
        )  # fmt: skip
