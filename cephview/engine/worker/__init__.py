"""The engine process: it owns torch, takes requests on standard input and answers on output."""

from cephview.engine.worker.process import main

__all__ = ["main"]
