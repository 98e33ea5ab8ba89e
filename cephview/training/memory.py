"""What to do where memory is short: learn from fewer films at a time."""

import gc
import logging
from collections.abc import Callable
from typing import TypeVar

import torch

log = logging.getLogger(__name__)

# torch reports a lack of memory on the processor as a RuntimeError with one of these words.
_SIGNS = ("out of memory", "defaultcpuallocator", "not enough memory", "can't allocate memory")

T = TypeVar("T")


def is_short(error: BaseException) -> bool:
    """Whether an error means that memory was short."""
    text = str(error).lower()
    return isinstance(error, MemoryError | torch.cuda.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(sign in text for sign in _SIGNS)
    )


def within_memory(work: Callable[[int], T], batch: int, on_less: Callable[[int], None]) -> T:
    """Do work(batch) and, where memory is short, with half as many films at a time, down to one.

    on_less is told each smaller number. Raises what work raises.
    """
    while True:
        try:
            return work(batch)
        except (MemoryError, RuntimeError) as error:
            if batch == 1 or not is_short(error):
                raise
            log.warning("memory was short for %d films at a time", batch, exc_info=True)
        # Outside the except block: the traceback would keep the memory alive.
        batch //= 2
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        on_less(batch)
