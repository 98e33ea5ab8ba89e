"""The dual encoder: shapes, places, windows."""

from dataclasses import replace

import pytest
import torch

from cephview.network.config import PRESETS, NetworkConfig
from cephview.network.finetune_encoder import window_corner, window_offsets
from cephview.network.model import DualEncoder, set_mean_shape
from cephview.network.reference_encoder import cell_centres


def test_both_encoders_read_every_layer(tiny):
    found = tiny(torch.zeros(2, 1, 128, 96))
    assert [r.xy.shape for r in found.coarse] == [(2, 3, 2)] * 2
    assert [r.xy.shape for r in found.refined] == [(2, 3, 2)] * 2
    assert found.coarse[-1].logits.shape == (2, 3, 8 * 6)
    assert found.refined[0].cells_xy.shape == (2, 3, 81, 2)
    assert found.extra == []


def test_a_second_group_of_queries_looks_at_the_same_films(tiny):
    picture = torch.rand(2, 1, 128, 96)
    with torch.no_grad():
        plain = tiny(picture)
        starts = plain.coarse[-1].xy
        both = tiny(picture, torch.zeros_like(starts), starts)
    assert torch.allclose(both.refined[-1].xy, plain.refined[-1].xy, atol=1e-4)
    assert torch.allclose(both.extra[-1].xy, plain.refined[-1].xy, atol=1e-4)


def test_a_film_does_not_see_its_neighbours_in_the_batch(tiny):
    pictures = torch.rand(3, 1, 128, 96)
    with torch.no_grad():
        together = tiny(pictures).refined[-1].xy
        alone = torch.cat([tiny(pictures[i : i + 1]).refined[-1].xy for i in range(3)])
    assert torch.allclose(together, alone, atol=1e-3)


def test_uniform_attention_reads_the_middle(tiny):
    with torch.no_grad():
        for layer in tiny.reference.layers:
            layer.point_ask.weight.zero_()
            layer.point_ask.bias.zero_()
        coarse = tiny(torch.rand(1, 1, 128, 96)).coarse[-1].xy
    assert torch.allclose(coarse, torch.tensor([40.0, 56.0]).expand(1, 3, 2), atol=1e-3)


def test_places_start_at_the_mean_shape(tiny):
    set_mean_shape(tiny, torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]))
    assert tiny.reference.mean_uv[2].tolist() == pytest.approx([0.5, 0.6])


def test_cells_lie_at_multiples_of_the_stride_row_by_row():
    cells = cell_centres(2, 3, 16, torch.device("cpu"))[0]
    assert cells.tolist() == [[0, 0], [16, 0], [32, 0], [0, 16], [16, 16], [32, 16]]


def test_a_trunk_cell_is_centred_on_its_multiple_of_the_stride(tiny):
    """The gradient of a cell with symmetric filters is symmetric around index i * stride."""
    for module in tiny.backbone.modules():
        if hasattr(module, "weight") and module.weight is not None:
            with torch.no_grad():
                module.weight.fill_(0.02)
    picture = torch.full((1, 1, 128, 96), 0.5, requires_grad=True)
    for stride, features in zip((4, 8, 16), tiny.backbone(picture), strict=False):
        row, column = 64 // stride, 48 // stride
        (gradient,) = torch.autograd.grad(
            features[0, :, row, column].sum(), picture, retain_graph=True
        )
        weight = gradient[0, 0].abs()
        centre_x = float((weight.sum(0) * torch.arange(96)).sum() / weight.sum())
        centre_y = float((weight.sum(1) * torch.arange(128)).sum() / weight.sum())
        assert (centre_x, centre_y) == pytest.approx((48, 64), abs=0.01)


def test_windows_stay_in_the_map_and_snap_to_cells():
    xy = torch.tensor([[[0.0, 0.0], [47.0, 65.0], [500.0, 500.0]]])
    corner = window_corner(xy, 9, rows=32, columns=24)
    assert corner.tolist() == [[[0, 0], [8, 12], [15, 23]]]
    assert window_offsets(3, torch.device("cpu")).tolist()[:4] == [[0, 0], [1, 0], [2, 0], [0, 1]]


def test_an_input_that_does_not_divide_is_refused(tiny):
    with pytest.raises(ValueError, match="divide by 32"):
        tiny(torch.zeros(1, 1, 100, 96))


@pytest.mark.parametrize(
    "wrong",
    [{"windows": (8,)}, {"heads": 5}, {"reference_layers": -1}, {"coarse_readout": "guess"}],
)
def test_a_network_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        NetworkConfig(**wrong)


def test_a_config_survives_its_table():
    config = PRESETS["tiny"].network
    assert NetworkConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="depth"):
        NetworkConfig.from_dict({"depth": 3})


def test_an_unknown_backbone_is_refused():
    with pytest.raises(ValueError, match="resnet9000"):
        DualEncoder(NetworkConfig(backbone="resnet9000"), 3)


@pytest.mark.parametrize(
    ("change", "coarse", "refined"),
    [
        ({"reference_layers": 0}, 1, 2),
        ({"windows": ()}, 2, 2),
        ({"reference_layers": 0, "windows": ()}, 1, 1),
        ({"self_attention": False}, 2, 2),
        ({"coarse_readout": "regression", "fine_readout": "regression"}, 2, 2),
        ({"backbone": "mobilenet_v3_large"}, 2, 2),
    ],
)
def test_parts_can_be_left_out_to_be_compared(change, coarse, refined):
    network = DualEncoder(replace(PRESETS["tiny"].network, **change), 3).eval()
    with torch.no_grad():
        found = network(torch.zeros(1, 1, 128, 96))
    assert (len(found.coarse), len(found.refined)) == (coarse, refined)
    assert found.refined[-1].xy.shape == (1, 3, 2)


def test_a_regression_starts_where_the_query_stands(tiny):
    network = DualEncoder(replace(PRESETS["tiny"].network, coarse_readout="regression"), 3).eval()
    set_mean_shape(network, torch.tensor([[0.25, 0.5]] * 3))
    with torch.no_grad():
        found = network(torch.rand(1, 1, 128, 96)).coarse[-1].xy
    assert torch.allclose(found, torch.tensor([23.5, 63.5]).expand(1, 3, 2), atol=1e-4)
