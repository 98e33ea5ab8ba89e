"""The dialog that shows what is in the bin of a workspace."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cephview.ui.dialogs.choice import Choice, ChoiceDialog

if TYPE_CHECKING:
    from cephview.store import FilmRecord


def row_text(record: "FilmRecord") -> str:
    """Return which film it is, how far it was traced, and when it was put in the bin."""
    points = "1 point" if record.placed == 1 else f"{record.placed} points"
    return f"{record.name}    {points}, {record.binned_at[:10]}"


def ask_from_bin(parent: QWidget, records: "Sequence[FilmRecord]") -> tuple[str, ...]:
    """Ask which films to put back, by SHA-256; none where the user thought better of it."""
    return ChoiceDialog(
        "Bin of the workspace",
        "Films that were taken out of the workspace, with their points.",
        [Choice(row_text(record), str(record.path), record.sha256) for record in records],
        "Put back",
        parent,
        takes_many=True,
    ).ask()
