"""Two processes learn what one does: the same films a step, the same weights in the end."""

import json
import os
import subprocess
import sys

import pytest
from safetensors.torch import load_file


@pytest.mark.timeout(240)
def test_two_processes_reach_the_weights_of_one(phantom_folder, tmp_path):
    def train(devices, batch):
        out = tmp_path / f"by-{devices}"
        command = [sys.executable, "-m", "cephview", "train", "--data", str(phantom_folder)]
        command += ["--mm-per-px", "1", "--preset", "tiny", "--steps", "6", "--validation", "2"]
        command += ["--cache", str(tmp_path / "cache"), "--out", str(out)]
        command += ["--device", "cpu", "--devices", str(devices), "--batch", str(batch)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        log = (out / "log.jsonl").read_text().splitlines()
        return load_file(out / "model.safetensors"), json.loads(log[-1])

    alone, alone_log = train(1, 4)
    together, together_log = train(2, 2)
    assert together_log["refined"] == pytest.approx(alone_log["refined"], rel=1e-3)
    for name, tensor in alone.items():
        # The processes' gradients are means of means; the weights are kept in half precision.
        assert (tensor.float() - together[name].float()).abs().max() < 5e-3, name
