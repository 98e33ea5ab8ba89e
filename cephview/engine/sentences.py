"""What a user reads when an engine process is lost."""

from pathlib import Path

from cephview import places
from cephview.engine.messages import EXIT_GPU_LOST, Detect, Finetune
from cephview.engine.supervisor import Loss

ALREADY_LEARNING = "The model is already learning; wait for it or cancel it first."
LEARNING_RESTARTED = (
    "The learning stopped unexpectedly and was started again; it goes on where it was."
)


def restarted(loss: Loss) -> str:
    """Say what happened to an engine that runs again."""
    if loss.silent_s is not None:
        return f"The engine did not answer for {loss.silent_s:g} seconds and was started again."
    if loss.exit.is_out_of_memory:
        return "The engine was ended, most likely for want of memory, and was started again."
    if loss.exit.code == EXIT_GPU_LOST and not loss.exit.is_crash:
        return (
            "The graphics card failed, so the engine was started again and the film is done on the "
            "processor."
        )
    return "The engine stopped unexpectedly and was started again."


def lost(request: Detect | Finetune, loss: Loss) -> str:
    """Say that a request was given up because the engine was lost with it."""
    doing = (
        f"placing the points on {Path(request.film_path).name}"
        if isinstance(request, Detect)
        else "learning from the corrections"
    )
    if loss.silent_s is not None:
        return (
            f"The engine gave no sign for {loss.silent_s:g} seconds while {doing} and was stopped; "
            f"the log in {_log_place()} tells more."
        )
    if loss.exit.is_out_of_memory:
        return (
            f"The engine was ended while {doing}, most likely for want of memory; "
            "close other programs and try again."
        )
    return f"The engine stopped twice while {doing}; the log in {_log_place()} tells more."


def unusable(loss: Loss) -> str:
    """Say why the engine cannot be started at all."""
    if loss.sentence:
        return loss.sentence
    if loss.exit.could_not_start:
        return f"The engine could not be started ({loss.exit.said}); install the program again."
    return f"The engine cannot work on this computer; the log in {_log_place()} tells more."


def gave_up(loss: Loss) -> str:
    """Say that the engine stopped too often to be started again."""
    if loss.exit.is_out_of_memory:
        return (
            "The engine keeps being ended, most likely for want of memory, and was not started "
            "again; close other programs and start it again."
        )
    last = loss.exit.said.splitlines()[-1][:160] if loss.exit.said else ""
    reason = f" ({last})" if last else ""
    return (
        f"The engine keeps stopping{reason} and was not started again; "
        f"the log in {_log_place()} tells more."
    )


def _log_place() -> str:
    try:
        return str(places.log_dir())
    except OSError:
        return "the log folder"
