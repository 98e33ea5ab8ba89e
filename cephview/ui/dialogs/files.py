"""The dialogs that ask for films, for a folder, and for the place of an export."""

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from cephview.core.file_names import portable_file_name
from cephview.formats.families import FILM_SUFFIXES
from cephview.ui.look.icons import SIZE_PX, icon
from cephview.ui.look.theme import Theme

FILM_FILTERS = f"Films ({' '.join('*' + suffix for suffix in FILM_SUFFIXES)});;All files (*)"
"""What the dialog for films lists: films by their endings, or everything, for a DICOM film without
one."""

_BUTTONS = {
    "backButton": "back",
    "forwardButton": "forward",
    "toParentButton": "previous-film",
    "newFolderButton": "new-folder",
}
# Two ways to list the same files.
_SPARE_BUTTONS = ("listModeButton", "detailModeButton")


def ask_films(parent: QWidget, start: str, theme: Theme) -> tuple[Path, ...]:
    """Ask for films; none where the user thought better of it."""
    dialog = QFileDialog(parent, "Open films", start, FILM_FILTERS)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return _ask(dialog, theme)


def ask_folder(parent: QWidget, start: str, theme: Theme) -> tuple[Path, ...]:
    """Ask for a folder; none where the user thought better of it."""
    dialog = QFileDialog(parent, "Open folder", start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _ask(dialog, theme)


def ask_target(parent: QWidget, title: str, start: str, proposed: str, theme: Theme) -> Path | None:
    """Ask where to write; only files with the ending of the proposed name are offered."""
    proposed = portable_file_name(proposed)
    suffix = Path(proposed).suffix
    start = start or str(Path.home())
    dialog = QFileDialog(parent, title, start, f"{suffix[1:].upper()} files (*{suffix})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # Added by the dialog itself, so that it asks before the very file is replaced.
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(proposed)
    chosen = _ask(dialog, theme)
    return chosen[0] if chosen else None


def dress(dialog: QFileDialog, theme: Theme) -> None:
    """Draw the buttons of a dialog that is not the desktop's own as the rest of the window."""
    for name, drawing in _BUTTONS.items():
        button = dialog.findChild(QToolButton, name)
        if button is not None:
            button.setIcon(icon(drawing, theme))
            button.setIconSize(QSize(SIZE_PX, SIZE_PX))
    for name in _SPARE_BUTTONS:
        button = dialog.findChild(QToolButton, name)
        if button is not None:
            button.hide()


def local_paths(event: QDropEvent) -> tuple[Path, ...]:
    """Return the files and folders that are dropped."""
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    return tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())


def _ask(dialog: QFileDialog, theme: Theme) -> tuple[Path, ...]:
    dress(dialog, theme)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return tuple(Path(path) for path in chosen)
