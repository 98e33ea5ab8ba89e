"""An empty database on a real server, and a wire to it that can be cut."""

import os
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from cephview.store import schema

URL = os.environ.get("CEPHVIEW_TEST_DATABASE", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not URL:
        skip = pytest.mark.skip(reason="CEPHVIEW_TEST_DATABASE names no database")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(skip)


@pytest.fixture
def url() -> Iterator[str]:
    engine = create_engine(URL)
    schema.metadata.drop_all(engine)
    yield URL
    schema.metadata.drop_all(engine)
    engine.dispose()


class Wire:
    """A port of this machine that leads to the server until it is cut."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        host, port = str(parsed.query.get("host", parsed.host)), parsed.port or 5432
        self._target = Path(host, f".s.PGSQL.{port}") if host.startswith("/") else (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._is_cut = False
        self._is_open = True
        here = parsed.set(host="127.0.0.1", port=self._listener.getsockname()[1], query={})
        self.url = here.render_as_string(hide_password=False)
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def cut(self) -> None:
        """Break every connection, and let no new one through."""
        self._is_cut = True
        for pair in self._pairs:
            for end in pair:
                with_linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, with_linger)
                end.close()
        self._pairs.clear()

    def mend(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self._is_open = False
        self._thread.join()
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while self._is_open:
            ends = [end for pair in list(self._pairs) for end in pair if end.fileno() >= 0]
            try:
                ready, _, _ = select.select([self._listener, *ends], [], [], 0.05)
            except (OSError, ValueError):
                # Cut between the look and the wait.
                continue
            for one in ready:
                if one is self._listener:
                    self._connect(one.accept()[0])
                else:
                    self._pass_on(one)

    def _connect(self, near: socket.socket) -> None:
        if self._is_cut:
            near.close()
            return
        if isinstance(self._target, Path):
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self._target))
        else:
            far = socket.create_connection(self._target)
        self._pairs.append((near, far))

    def _pass_on(self, one: socket.socket) -> None:
        for pair in list(self._pairs):
            if one in pair:
                other = pair[1] if one is pair[0] else pair[0]
                try:
                    data = one.recv(65536)
                    if data:
                        other.sendall(data)
                        return
                except OSError:
                    pass
                for end in pair:
                    end.close()
                if pair in self._pairs:
                    self._pairs.remove(pair)


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    opened = Wire(url)
    yield opened
    opened.close()
