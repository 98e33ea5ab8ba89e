"""Which of the installed models is at work, and the way back to the one before."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cephview.ui.learning.installed_models import (
    InstalledModel,
    default_model,
    find_model,
    looked_for,
    read_model,
    user_models_dir,
)


class Models(QObject):
    """The installed models and the active one; a choice is remembered at once."""

    changed = Signal()
    remembering_failed = Signal(str)

    def __init__(
        self,
        remember: Callable[[str], None],
        errors: tuple[type[Exception], ...],
        parent: QObject,
    ) -> None:
        """remember(folder) keeps a choice, "" for the program's own; errors are what it raises."""
        super().__init__(parent)
        self._remember = remember
        self._errors = errors
        self._installed: tuple[InstalledModel, ...] = ()
        self._set_aside: tuple[str, ...] = ()
        self._active: InstalledModel | None = None
        self._before: InstalledModel | None = None
        self._is_read = False

    @property
    def installed(self) -> tuple[InstalledModel, ...]:
        return self._installed

    @property
    def is_read(self) -> bool:
        """Whether it is known yet which models there are, and which of them is active."""
        return self._is_read

    @property
    def set_aside(self) -> tuple[str, ...]:
        """Return a sentence for each model folder that cannot be used."""
        return self._set_aside

    @property
    def active(self) -> InstalledModel | None:
        return self._active

    @property
    def previous(self) -> InstalledModel | None:
        """Return the model to go back to: what this one was trained from, else the last used."""
        if self._active is None:
            return None
        for model in self._installed:
            if self._active.info.parent and model.info.sha256 == self._active.info.parent:
                return model
        return self._before if self._before in self._installed else None

    @property
    def lineage(self) -> tuple[InstalledModel, ...]:
        """Return the active model and its ancestors, as far back as they are installed."""
        line: list[InstalledModel] = [] if self._active is None else [self._active]
        by_digest = {model.info.sha256: model for model in self._installed}
        while line and (parent := by_digest.get(line[-1].info.parent)) and parent not in line:
            line.append(parent)
        return tuple(line)

    def lack_of(self, wanted: str) -> str:
        """Load the wanted model; return what to say where there is none to work with, else ""."""
        if not self.load(wanted):
            return f"The model {wanted} is not there or not whole; choose another one under Model."
        if self.active is None:
            return (
                "No model is installed, so points can only be placed by hand; put a model folder "
                f"in {user_models_dir()} and start again."
            )
        return ""

    def load(self, wanted: str | Path) -> bool:
        """Read what is installed and take the wanted model, by name or folder.

        Returns whether it was found. Where not, no model is active: another one in its place would
        be a silent change. Where wanted is empty, the default is active.
        """
        self._look()
        found = find_model(self._installed, wanted) if wanted else None
        if found is None and wanted:
            found = self._outside(Path(wanted))
        self._is_read = True
        self._active = found if wanted else default_model(self._installed)
        self.changed.emit()
        return found is not None or not wanted

    def refresh(self) -> None:
        """Read again what is installed; the active model stays."""
        self._look()
        self.changed.emit()

    def use(self, folder: Path) -> None:
        """Make an installed model the active one."""
        self._look()
        model = find_model(self._installed, folder)
        if model is None or model == self._active:
            self.changed.emit()
            return
        self._before, self._active = self._active, model
        try:
            self._remember(str(model.folder))
        except self._errors as error:
            self.remembering_failed.emit(str(error))
        self.changed.emit()

    def go_back(self) -> None:
        """Make the previous model the active one again."""
        previous = self.previous
        if previous is not None:
            self.use(previous.folder)

    def _look(self) -> None:
        self._installed, self._set_aside = looked_for()

    def _outside(self, folder: Path) -> InstalledModel | None:
        model = read_model(folder, is_own=True) if folder.is_dir() else None
        if model is not None:
            self._installed = (*self._installed, model)
        return model
