"""A database password is shown nowhere, whatever goes wrong with the address it came in."""

import os

import pytest

from cephview import __main__, app, database_address
from cephview.database_address import taken, whole, without_passwords
from cephview.settings import Settings
from cephview.store import StoreError, Workspace
from cephview.ui.services import Services

SECRET = "hunter2"
ADDRESSES = [
    f"postgresql://ann:{SECRET}@host.invalid/db",
    f"postgresql+psycopg://ann:{SECRET}@host.invalid:5432/db",
    f"postgresql://:{SECRET}@host.invalid/db",
    f"postgresql://ann:a@b/{SECRET}@host.invalid/db",
    f"postgresql://ann:{SECRET}?x@host.invalid/db",
    f"postgresql://ann:{SECRET}@host.invalid:{SECRET}@host.invalid/db",
    f"postgresql://ann@host.invalid/db?password={SECRET}",
    f"postgresql://ann@host.invalid/db?sslmode=require&sslpassword={SECRET}&a=b",
    f"postgresql:/ann:{SECRET}@host.invalid/db",
    f"nonsense://ann:{SECRET}@host.invalid:port/db",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_shown_without_its_password(address):
    shown = taken(address)
    assert (SECRET not in shown and "ann" in shown) or address.startswith("postgresql://:")
    assert whole(shown) == address
    assert SECRET not in without_passwords(f"in {address}: no such thing")


@pytest.mark.parametrize("place", ["/films/a:b@c/d", "C:/films:1@2", r"C:\films", "postgres://h/d"])
def test_what_holds_no_password_is_as_it_was(place):
    assert taken(place) == place == whole(place)
    assert not database_address.has_password(place)


COMMANDS = [
    ("export", "--workspace", "{}", "--format", "csv", "--out", "a.csv"),
    ("models", "activate", "isbi19-base", "--workspace", "{}"),
    ("models", "list", "--workspace", "{}"),
    ("models", "list", "{}"),
    ("models", "show", "{}"),
    ("audit", "--workspace", "{}", "--out", "a.csv"),
    ("agreement", "--workspace", "{}"),
    ("detect", "{}", "--out", "{}"),
    ("{}",),
    ("mend", "--workspace", "{}"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("address", [ADDRESSES[3], ADDRESSES[6], ADDRESSES[9]])
def test_no_command_says_a_password(command, address, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert __main__.main([word.format(address) for word in command]) != 0
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert not list(tmp_path.iterdir())


def test_a_password_on_the_command_line_is_warned_of(capsys):
    __main__.main(["models", "list", "--workspace", ADDRESSES[9]])
    assert ".pgpass" in capsys.readouterr().err


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_error_of_the_store_tells_a_password(address, tmp_path):
    with pytest.raises(StoreError) as told:
        Workspace.open(tmp_path, url=address)
    error = told.value
    while error is not None:
        assert SECRET not in f"{error} {error!r}"
        error = error.__cause__


def test_a_window_is_given_an_address_without_its_password(qtbot, monkeypatch):
    made = []
    monkeypatch.setattr(app, "_application", lambda: None)
    monkeypatch.setattr(app, "apply_theme", lambda *_: None)
    monkeypatch.setattr(app, "load_settings", lambda: Settings(workspace=ADDRESSES[0]))

    class EnoughError(Exception):
        pass

    def make_window(services: Services, _theme):
        made.append(services)
        raise EnoughError

    monkeypatch.setattr(app, "make_window", make_window)
    with pytest.raises(EnoughError):
        app.run_window((), workspace=None, model=None, device="cpu")
    assert SECRET not in made[0].workspace
    assert whole(made[0].workspace) == ADDRESSES[0]
    assert not any(SECRET in value for value in os.environ.values())
