"""Make one model of several that went on from one another: the mean of their weights.

Weights of one training, or of several from one beginning, mostly lie in one valley, and their mean
is as good as an ensemble at the cost of one (Wortsman et al., Model soups, ICML 2022). Neither
ellipses nor a sense of unlike films are taken over; `cephview calibrate` gives them.

    python tests/studies/mean_of_weights.py e f --out g
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from cephview.network.weights import load_model, save_model


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("models", type=Path, nargs="+", help="model folders of one shape")
    known.add_argument("--out", type=Path, required=True, help="the new model's folder")
    args = known.parse_args()
    loaded = [load_model(folder) for folder in args.models]
    states = [network.state_dict() for network, _ in loaded]
    network, info = loaded[-1]
    for other in loaded:
        if other[1].landmarks != info.landmarks or other[1].input_size != info.input_size:
            raise SystemExit(f"{other[1].name} and {info.name} are not of one shape.")
    network.load_state_dict(
        {
            name: torch.stack([state[name] for state in states]).mean(0)
            if value.is_floating_point()
            else value
            for name, value in states[-1].items()
        }
    )
    saved = save_model(
        args.out, network, replace(info, name=args.out.name, metrics={}, calibration={})
    )
    print(f"{saved.name} {saved.sha256[:12]}: the mean of {', '.join(i.name for _, i in loaded)}")


if __name__ == "__main__":
    main()
