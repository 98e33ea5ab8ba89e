"""A small data set of phantoms, made once."""

from pathlib import Path

import pytest
import torch

from cephview.phantom.dataset import write_dataset
from cephview.training.dataset import DataSet, load_folder


@pytest.fixture(scope="session")
def phantom_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantoms")
    write_dataset(folder, 10, 0, (194, 240))
    return folder


@pytest.fixture(scope="session")
def phantoms(phantom_folder: Path) -> DataSet:
    return load_folder(phantom_folder, mm_per_px=1.0)


@pytest.fixture(autouse=True)
def one_seed():
    """A network of random weights is the same in every run: some see two heads as one."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny networks are slower on several threads, and far slower on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
