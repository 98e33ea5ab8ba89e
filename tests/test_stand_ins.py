"""What stands in for a part of the program must be asked as that part is."""

import inspect

from fake_engine import FakeEngine
from PySide6.QtCore import Signal

from cephview.engine.client import EngineClient


def test_the_fake_engine_is_asked_as_the_real_one_is():
    real = {
        name: member
        for name, member in vars(EngineClient).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, Signal))
    }
    # What only the tests of the engine itself ask for.
    del real["is_running"]
    fake = vars(FakeEngine)
    for name, member in real.items():
        assert name in fake, name
        if isinstance(member, Signal):
            assert str(fake[name]) == str(member)
        else:
            own, its = inspect.signature(fake[name]), inspect.signature(member)
            assert [(p.name, p.default) for p in own.parameters.values()] == [
                (p.name, p.default) for p in its.parameters.values()
            ], name
