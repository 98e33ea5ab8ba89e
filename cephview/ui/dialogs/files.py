"""The dialogs that ask for films, for a folder, and for the place of an export."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

_FILTER = "Films (*.dcm *.dicom *.png *.jpg *.jpeg *.bmp *.tif *.tiff);;All files (*)"


def ask_films(parent: QWidget, start: str) -> tuple[Path, ...]:
    """Ask for films; none where the user thought better of it."""
    paths, _ = QFileDialog.getOpenFileNames(parent, "Open films", start, _FILTER)
    return tuple(Path(path) for path in paths)


def ask_folder(parent: QWidget, start: str) -> tuple[Path, ...]:
    """Ask for a folder; none where the user thought better of it."""
    path = QFileDialog.getExistingDirectory(parent, "Open folder", start)
    return (Path(path),) if path else ()


def ask_target(parent: QWidget, title: str, start: str, proposed: str) -> Path | None:
    """Ask where to write; only files with the ending of the proposed name are offered."""
    suffix = Path(proposed).suffix
    start = start or str(Path.home())
    dialog = QFileDialog(parent, title, start, f"{suffix[1:].upper()} files (*{suffix})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # Added by the dialog itself, so that it asks before the very file is replaced.
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(proposed)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None
