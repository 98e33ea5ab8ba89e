"""The workspace: films, their tracings, and every revision of them."""

from cephview.store.errors import StoreError
from cephview.store.mending import NotMendedError
from cephview.store.opening import mend
from cephview.store.records import FilmRecord
from cephview.store.workspace import Workspace

__all__ = ["FilmRecord", "NotMendedError", "StoreError", "Workspace", "mend"]
