"""Graphs in files are those that are built; their constants are those of the torch modules."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from tts.checkpoint import read_config, read_weights, shipped_checkpoint
from tts.network_constants import EPSILON
from tts.runtime import graphs
from tts.runtime.arrays import mel_to_bins, prepare, quantise_weight
from tts.runtime.graph_files import FOLDER, networks_of
from tts.vocoder import heads


def test_files_are_up_to_date(tmp_path):
    graphs.write_graphs(tmp_path)
    files = Path(graphs.__file__).with_name(FOLDER)
    assert sizes(tmp_path) == sizes(files), "run python -m tts.runtime.graphs"
    assert all(
        (tmp_path / file.name).read_bytes() == file.read_bytes() for file in files.glob("*.onnx")
    )
    assert sum(sizes(files).values()) < 300_000


def sizes(folder):
    return {file.name: file.stat().st_size for file in folder.glob("*.onnx")}


def test_graphs_take_the_weights():
    """Every weight of a graph has its shape; there are no others."""
    for kind in ("acoustic", "vocoder"):
        path = shipped_checkpoint(kind)
        config = read_config(path, kind)
        weights = read_weights(path, config)
        for network in networks_of(config):
            found = {
                weight.name: tuple(weight.dims)
                for weight in graphs.build(network, config).graph.initializer
                if weight.external_data
            }
            arrays = prepare(network, config, weights, {})
            assert {name: array.shape for name, array in arrays.items()} == found


def test_layer_norms_have_the_epsilon_of_torch():
    assert nn.LayerNorm(1).eps == EPSILON


def test_mel_to_bins():
    mel = read_config(shipped_checkpoint("vocoder"), "vocoder").mel
    np.testing.assert_allclose(mel_to_bins(mel), heads.mel_to_bins(mel), atol=3e-5)


def test_weights_in_int8():
    weight = torch.randn(7, 5, generator=torch.Generator().manual_seed(0)).numpy()
    weight[:, 2] = 0
    rounded, scale = quantise_weight(weight)
    assert rounded.dtype == np.int8
    assert (np.abs(rounded).max(axis=0) == [127, 127, 0, 127, 127]).all()
    assert (np.abs(rounded * scale - weight) <= scale / 2 + 1e-6).all()
