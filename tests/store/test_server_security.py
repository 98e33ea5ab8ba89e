"""A server off this computer must encrypt and prove its name, unless the user says otherwise."""

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from cephview.store.errors import store_error
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


@pytest.mark.parametrize(
    "said",
    [
        "connection failed: server does not support SSL, but SSL was required",
        "connection failed: SSL error: certificate verify failed",
        'connection failed: root certificate file "/nowhere" does not exist',
        'connection failed: server certificate for "a" does not match host name "b"',
    ],
)
def test_a_way_that_is_not_safe_is_told_with_what_to_do(said):
    error = store_error(OperationalError("", None, Exception(said)), "postgresql://ann@db/ceph")
    assert "the way is not safe" in str(error) and "root.crt" in str(error) and error.is_cut


def test_a_server_that_goes_is_not_taken_for_one():
    lost = Exception("consuming input failed: SSL connection has been closed unexpectedly")
    error = store_error(OperationalError("", None, lost), "postgresql://ann@db/ceph")
    assert "cannot be reached" in str(error) and error.is_cut
