"""The rules of the house that the import contracts in pyproject.toml cannot say."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

import cephview
from cephview.self_test import installation

LONGEST_FILE = 400

# The window's end of the pipe.
CLIENT = tuple(
    f"cephview.engine.{name}" for name in ("client", "standing", "supervisor", "channel")
)

# Outside libraries, and the only rooms that may import each by name.
ROOMS = {
    "PySide6": ("cephview.app", "cephview.ui", *CLIENT),
    "jinja2": ("cephview.report",),
    "lightning_fabric": ("cephview.training",),
    "pydicom": ("cephview.formats",),
    "pyqtgraph": ("cephview.ui.canvas", "cephview.ui.panels"),
    "skimage": ("cephview.phantom", "cephview.ui.canvas"),
    "sqlalchemy": ("cephview.store",),
    "torch": ("cephview.network", "cephview.training", "cephview.engine.worker"),
    "torchvision": ("cephview.network", "cephview.training", "cephview.engine.worker"),
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("cephview", include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def project(repository: Path) -> dict:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


def _sources(repository: Path) -> list[Path]:
    return sorted((repository / "cephview").rglob("*.py"))


def _distribution(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_is_imported_only_in_its_rooms(graph, library):
    if library not in graph.modules:
        pytest.skip(f"nothing imports {library}")
    importers = graph.find_modules_that_directly_import(library)
    rooms = ROOMS[library]
    strangers = {m for m in importers if not any(m == r or m.startswith(f"{r}.") for r in rooms)}
    assert not strangers


@pytest.mark.parametrize("module", ["cephview.app", "cephview.commands.window"])
def test_the_window_does_not_import_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_module_has_a_name_that_says_nothing(repository):
    banned = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    found = [p for p in _sources(repository) if p.stem in banned or p.parent.name in banned]
    assert not found


def test_no_file_asks_for_a_second_room(repository):
    long = {
        str(path.relative_to(repository)): lines
        for path in _sources(repository)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_every_import_from_outside_is_a_declared_dependency(graph, project):
    declared = {
        _normal(_distribution(requirement))
        for requirement in (
            *project["project"]["dependencies"],
            *project["project"]["optional-dependencies"]["train"],
        )
    }
    providers = importlib.metadata.packages_distributions()
    outside = {m for m in graph.modules if graph.is_module_squashed(m)}
    undeclared = {
        module
        for module in outside - set(sys.stdlib_module_names)
        if not declared & {_normal(name) for name in providers.get(module, ())}
        # Part of PySide6-Essentials, though published under its own name.
        and module != "shiboken6"
        # An extra that is not installed for the tests has no provider to look up.
        and _normal(module) not in declared
    }
    assert not undeclared


def test_the_self_test_loads_every_declared_dependency(project):
    declared = {_distribution(requirement) for requirement in project["project"]["dependencies"]}
    assert declared == set(installation.LIBRARIES)


def test_constraints_are_names_and_versions_and_pin_every_dependency(repository, project):
    lines = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", pin) for pin in pins)
    pinned = {_normal(pin.split("==")[0]) for pin in pins}
    needed = {
        _normal(_distribution(requirement))
        for group in (
            project["project"]["dependencies"],
            *project["project"]["optional-dependencies"].values(),
        )
        for requirement in group
    }
    assert needed <= pinned


def test_the_version_is_said_once(project):
    assert project["project"]["version"] == cephview.__version__
