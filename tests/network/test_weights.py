"""A model folder loads only as it was saved."""

from dataclasses import replace

import pytest
import torch

from cephview.network.weights import ModelError, load_model, read_info, save_model


def test_a_saved_model_answers_the_same(tiny, tiny_folder):
    network, info = load_model(tiny_folder)
    picture = torch.rand(1, 1, 128, 96)
    with torch.no_grad():
        expected = tiny.half().float()(picture).refined[-1].xy
        assert torch.allclose(network(picture).refined[-1].xy, expected, atol=1e-3)
    assert info.landmarks == ("S", "N", "Me")
    assert info.input_size == (96, 128)
    assert len(info.sha256) == 64


def test_one_flipped_byte_is_refused(tiny_folder):
    path = tiny_folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"SHA-256 differs.*reinstall"):
        load_model(tiny_folder)


def test_weights_of_another_network_are_refused(tiny_folder):
    path = tiny_folder / "model.toml"
    path.write_text(path.read_text().replace("width = 32", "width = 64", 1))
    with pytest.raises(ModelError, match="not the description"):
        load_model(tiny_folder)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"no model\.toml"):
        read_info(tmp_path)


def test_a_damaged_description_is_refused(tiny_folder):
    (tiny_folder / "model.toml").write_text("name = ")
    with pytest.raises(ModelError, match="cannot be read"):
        read_info(tiny_folder)


def test_missing_weights_are_refused(tiny_folder):
    (tiny_folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(tiny_folder)


def test_a_model_folder_is_never_overwritten(tiny, tiny_info, tiny_folder):
    with pytest.raises(ModelError, match="already holds a model"):
        save_model(tiny_folder, tiny, tiny_info)


def test_a_convention_is_kept(tiny, tiny_info, tmp_path):
    taught = replace(tiny_info, convention={"N": (0.25, -0.5)})
    save_model(tmp_path / "taught", tiny, taught)
    assert read_info(tmp_path / "taught").convention == {"N": (0.25, -0.5)}


def test_a_convention_makes_another_model_that_cannot_be_tampered_with(tiny, tiny_info, tmp_path):
    plain = save_model(tmp_path / "plain", tiny, tiny_info)
    taught = save_model(
        tmp_path / "taught", tiny, replace(tiny_info, convention={"N": (0.25, -0.5)})
    )
    assert plain.sha256 != taught.sha256
    assert load_model(tmp_path / "taught")[1] == taught
    path = tmp_path / "taught" / "model.toml"
    path.write_text(path.read_text().replace("0.25", "0.35"))
    with pytest.raises(ModelError, match="another convention"):
        load_model(tmp_path / "taught")


def test_the_same_model_saved_twice_is_the_same_file(tiny, tiny_info, tmp_path):
    info = replace(tiny_info, convention={"N": (0.001, 0.0)})
    saved = {save_model(tmp_path / str(n), tiny, info).sha256 for n in range(8)}
    assert len(saved) == 1
    load_model(tmp_path / "0")
