"""Bytes from a pipe to whole lines."""


class LineSplitter:
    """Collect chunks as they come and give out whole lines, without their newline.

    A line longer than limit bytes is dropped to its end, never kept in memory; dropped counts
    them.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._skipping = False
        self.dropped = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take a chunk and return the lines it completes; empty lines are left out."""
        lines = []
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            self._add(end)
            line = self._take()
            if line:
                lines.append(line)
        self._add(rest)
        return lines

    def _add(self, part: bytes) -> None:
        if self._skipping or not part:
            return
        if self._size + len(part) > self._limit:
            self._parts, self._size = [], 0
            self._skipping = True
            self.dropped += 1
            return
        self._parts.append(part)
        self._size += len(part)

    def _take(self) -> bytes:
        line = b"".join(self._parts)
        self._parts, self._size, self._skipping = [], 0, False
        return line.rstrip(b"\r")
