"""What one check of the self-test found."""

from dataclasses import dataclass

INSTALL = "install cephview again"


@dataclass(frozen=True)
class Outcome:
    """What one check found. advice says what to do where something is missing.

    is_needed: without it the program does not work as a whole, so the self-test fails.
    """

    what: str
    is_fine: bool
    advice: str = ""
    is_needed: bool = True

    def line(self) -> str:
        word = "ok" if self.is_fine else "missing" if self.is_needed else "note"
        return f"{word:<8}{self.what}" + (f": {self.advice}" if self.advice else "")


def first_line(error: Exception) -> str:
    """Return the first line of an error without its full stop, to stand within a line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
