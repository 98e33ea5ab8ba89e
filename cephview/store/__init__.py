"""The workspace: films, their tracings, and every revision of them."""

from cephview.store.errors import StoreError
from cephview.store.records import FilmRecord
from cephview.store.workspace import Workspace

__all__ = ["FilmRecord", "StoreError", "Workspace"]
