"""Features that the tests of this folder share."""

import pytest
from tts.training.data.dataset import FeatureDataset

from tests.toys import write_toy_features
from tts.text.pronounce.symbols import PhonemeTokenizer


@pytest.fixture(scope="package")
def features(tmp_path_factory):
    """A folder of two sets, heart and val."""
    folder = tmp_path_factory.mktemp("features")
    write_toy_features(folder)
    return folder


@pytest.fixture
def corpus(features, tiny_config):
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    return FeatureDataset([features / "heart"], symbols, tiny_config.voices)
