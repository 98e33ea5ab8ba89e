"""What torch says about the graphics card, in words and in this engine's exceptions."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cephview.engine.messages import Ready
from cephview.engine.worker.jobs import GpuError, GpuLostError, JobError

log = logging.getLogger(__name__)

# After one of these, CUDA refuses every further call of the process.
_FATAL = (
    "device-side assert",
    "illegal memory access",
    "illegal instruction",
    "misaligned address",
    "unspecified launch failure",
    "uncorrectable ecc",
    "launch timed out",
)
_CUDA = ("cuda", "cublas", "cudnn", "cusolver", "nvrtc", "nvml")
_CPU_MEMORY = ("defaultcpuallocator", "not enough memory", "can't allocate memory")


def describe_gpu() -> Ready:
    """Return what "auto" means on this machine, with a note where a card is there but unusable."""
    import torch

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            name = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
        except RuntimeError as error:
            log.warning("the graphics card cannot be used", exc_info=True)
            return Ready("cpu", "", f"The graphics card cannot be used: {_first_line(error)}.")
    for warning in caught:
        log.warning("%s", warning.message)
    if name:
        return Ready("cuda", name)
    note = f"The graphics card cannot be used: {_first_line(caught[0].message)}." if caught else ""
    return Ready("cpu", "", note)


def release_gpu() -> None:
    """Give back the card's cached memory, as far as the card still answers."""
    import torch

    try:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    except RuntimeError:
        log.warning("the graphics card's memory cannot be given back", exc_info=True)


@contextmanager
def gpu_errors(doing: str) -> Iterator[None]:
    """Turn torch's runtime errors into GpuError, GpuLostError or a JobError about memory.

    By their words: what CUDA reports are RuntimeErrors of one kind, and of other kinds elsewhere.
    """
    try:
        yield
    except RuntimeError as error:
        text = str(error).lower()
        if any(sign in text for sign in _CPU_MEMORY):
            raise JobError(
                "memory",
                f"{doing} needs more memory than is free; close other programs and try again.",
            ) from error
        if not any(sign in text for sign in _CUDA):
            raise
        if any(sign in text for sign in _FATAL):
            raise GpuLostError(_first_line(error)) from error
        if "out of memory" in text or "alloc_failed" in text:
            raise GpuError("its memory is full") from error
        raise GpuError(_first_line(error)) from error


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:160].rstrip(". ")
