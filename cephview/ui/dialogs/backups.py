"""The dialog that asks which backup to put back."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cephview.ui.dialogs.choice import Choice, ChoiceDialog

if TYPE_CHECKING:
    from cephview.store.backups import Backup


class BackupsDialog(ChoiceDialog):
    """A list of backups, newest first."""

    def __init__(self, backups: "tuple[Backup, ...]", parent: QWidget) -> None:
        super().__init__(
            "Restore",
            "The workspace becomes what it was in the backup you choose. "
            "What is there now is backed up first.",
            [Choice(row_text(backup), str(backup.path), backup) for backup in backups],
            "Restore",
            parent,
        )


def row_text(backup: "Backup") -> str:
    """Return when a backup was made and what it holds."""
    films = "1 film" if backup.films == 1 else f"{backup.films} films"
    steps = "1 step" if backup.steps == 1 else f"{backup.steps} steps"
    made = backup.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{made}    {films}, {steps}"


def ask_backup(parent: QWidget, backups: "tuple[Backup, ...]") -> "Backup | None":
    """Ask for a backup; None where the user thought better of it."""
    return next(iter(BackupsDialog(backups, parent).ask()), None)
