"""The self-test: everything the program needs, one check a thing, each with what to do about it."""

from collections.abc import Callable, Iterator

from cephview.self_test import installation, program
from cephview.self_test.outcome import Outcome

Check = Callable[[], Iterator[Outcome]]


def run(workspace: str) -> int:
    """Print one line a check; return 0 when nothing needed is missing, else 1."""
    checks: tuple[Check, ...] = (
        installation.check_python,
        installation.check_libraries,
        installation.check_torch,
        installation.check_qt_libraries,
        installation.check_qt_platforms,
        installation.check_decoders,
        program.check_models,
        program.check_demo_film,
        program.check_engine,
        lambda: program.check_workspace(workspace),
    )
    missing = 0
    for check in checks:
        for outcome in check():
            print(outcome.line(), flush=True)
            missing += outcome.is_needed and not outcome.is_fine
    if missing:
        print(f"\n{missing} of what cephview needs is missing; see the lines above.")
    else:
        print("\nEverything cephview needs is there.")
    return 1 if missing else 0
