"""The security page says what is so: the floors of libraries, and what strace is read for."""

import importlib.util
import re
import sys
import tomllib

import pytest


@pytest.fixture(scope="module")
def no_network(request):
    path = request.config.rootpath / "tests" / "adversary" / "no_network.py"
    spec = importlib.util.spec_from_file_location("no_network", path)
    module = importlib.util.module_from_spec(spec)
    # Its frozen values ask for their module by name.
    sys.modules["no_network"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["no_network"]


def test_the_page_names_the_floors_of_the_project(repository):
    page = (repository / "SECURITY.md").read_text(encoding="utf-8")
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    floors = dict(
        re.match(r"([\w-]+)>=([\d.]+)", one.lower()).groups()
        for one in project["project"]["dependencies"]
    )
    named = re.findall(r"^\| ([\w-]+) \| (\d[\d.]*) \|", page, re.MULTILINE)
    assert len(named) >= 6
    assert {name.lower(): floor for name, floor in named}.items() <= floors.items()


@pytest.mark.parametrize(
    "line",
    [
        "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3",
        "socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 3",
        'connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("1.2.3.4")}, 16)',
        'sendto(3, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(80)}, 28) = 1',
        'bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
    ],
)
def test_what_reaches_for_a_network_is_counted(no_network, tmp_path, line):
    (tmp_path / "process.1").write_text(f"{line}\n", encoding="utf-8")
    (tmp_path / "process.2").touch()
    assert no_network.told(tmp_path) == (2, 0, (line,))


def test_sockets_of_this_computer_are_told_apart(no_network, tmp_path):
    text = (
        "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 5\n"
        'connect(5, {sa_family=AF_UNIX, sun_path="/run/nscd/socket"}, 110) = -1 ENOENT\n'
        "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0\n"
        'sendto(5, "x", 1, 0, NULL, 0) = 1\n'
    )
    (tmp_path / "process.1").write_text(text, encoding="utf-8")
    assert no_network.told(tmp_path) == (1, 2, ())
