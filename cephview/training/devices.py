"""Which devices a training runs on, and in which precision."""

from lightning_fabric import Fabric

from cephview.network.detector import choose_device
from cephview.training import TrainingError


def make_fabric(device: str = "auto", devices: str = "1", precision: str = "auto") -> Fabric:
    """Return the launcher of a training.

    device: auto, cpu or cuda. devices: how many graphics cards or processes, or "auto": all cards,
    one process on the CPU. precision: "auto" mixes bfloat16 on a graphics card. Raises ModelError
    for a device that is not there, TrainingError for a number that is none.
    """
    where = choose_device(device).type
    if precision == "auto":
        precision = "bf16-mixed" if where == "cuda" else "32-true"
    if devices != "auto" and not (devices.isdigit() and int(devices) > 0):
        raise TrainingError(f"{devices!r} is not a number of devices; write auto, 1, 2, ...")
    if devices == "auto":
        count: str | int = "auto" if where == "cuda" else 1
    else:
        count = int(devices)
    return Fabric(accelerator=where, devices=count, precision=precision)  # type: ignore[arg-type]
