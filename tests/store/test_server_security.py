"""A server off this computer must encrypt and prove its name, unless the user says otherwise."""

import pytest
from sqlalchemy import make_url

from cephview.store.server_security import is_here, security_of


def security(address, **environment):
    return security_of(make_url(address), environment)


@pytest.mark.parametrize(
    "host",
    ["", "localhost", "LOCALHOST", "db.localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]",
     "/var/run/postgresql", "@socket"],
)  # fmt: skip
def test_this_computer_needs_no_certificate(host):
    assert is_here(host)


@pytest.mark.parametrize(
    "host", ["db", "10.0.0.7", "localhost.example.org", "fe80::1", "0.0.0.0", "128.0.0.1"]
)
def test_every_other_host_does(host):
    assert not is_here(host)


@pytest.mark.parametrize(
    "address",
    ["postgresql:///ceph", "postgresql://ann@localhost/ceph", "postgresql://ann@[::1]:5433/ceph",
     "postgresql:///ceph?host=/run/postgresql", "postgresql://ann@127.0.0.1:5432/ceph"],
)  # fmt: skip
def test_a_server_here_is_connected_to_as_it_was(address):
    assert security(address) == ({}, "")


@pytest.mark.parametrize(
    ("address", "environment"),
    [
        ("postgresql://ann@db/ceph", {}),
        ("postgresql://ann@10.0.0.7/ceph", {}),
        ("postgresql:///ceph?host=db", {}),
        ("postgresql:///ceph?host=localhost,db", {}),
        ("postgresql:///ceph?host=localhost&host=db:5432", {}),
        ("postgresql://ann@localhost/ceph?hostaddr=10.0.0.7", {}),
        ("postgresql:///ceph", {"PGHOST": "db"}),
        ("postgresql:///ceph", {"PGHOSTADDR": "10.0.0.7"}),
        ("postgresql:///ceph?service=team", {}),
        ("postgresql:///ceph", {"PGSERVICE": "team"}),
    ],
)
def test_a_server_elsewhere_must_prove_its_name(address, environment):
    arguments, said = security(address, **environment)
    assert arguments["sslmode"] == "verify-full" and arguments["sslrootcert"]
    assert not said


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_less_is_had_only_where_it_is_written_and_is_said(mode):
    for arguments, said in (
        security(f"postgresql://ann@db/ceph?sslmode={mode}"),
        security("postgresql://ann@db/ceph", PGSSLMODE=mode),
    ):
        assert "sslmode" not in arguments
        assert "db" in said and f"sslmode={mode}" in said


def test_authorities_that_the_user_trusts_go_before_those_of_the_system(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    assert security("postgresql://db/ceph", HOME=str(tmp_path))[0] == {"sslmode": "verify-full"}
    for named in (
        security("postgresql://db/ceph?sslrootcert=/a.crt"),
        security("postgresql://db/ceph", PGSSLROOTCERT="/a.crt"),
    ):
        assert named == ({"sslmode": "verify-full"}, "")
