"""Requests without a last answer, and who is to blame when the engine is lost with one."""

from dataclasses import dataclass, replace

from cephview.engine import sentences
from cephview.engine.messages import EXIT_GPU_LOST, Detect, Finetune
from cephview.engine.supervisor import Loss

_TRIES = 2


@dataclass(frozen=True)
class Pending:
    """A request on its way. crashes counts the engines lost with it."""

    request: Detect | Finetune
    crashes: int = 0
    is_cancelled: bool = False


def after_loss(pending: Pending, loss: Loss) -> Pending | str:
    """Return the request to send once more or, where that is no use, the sentence it fails with.

    A fine-tune ended for want of memory would end the same way after as many minutes again. A film
    that cost the graphics card goes to the processor.
    """
    crashes = pending.crashes + 1
    is_hopeless = isinstance(pending.request, Finetune) and loss.exit.is_out_of_memory
    if crashes >= _TRIES or is_hopeless:
        return sentences.lost(pending.request, loss)
    request = pending.request
    if loss.exit.code == EXIT_GPU_LOST and not loss.exit.is_crash:
        request = replace(request, device="cpu")
    return replace(pending, request=request, crashes=crashes)
