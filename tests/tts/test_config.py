from dataclasses import replace

import pytest

from tts.config import DecoderConfig, EncoderConfig, MelConfig, ProsodyConfig


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: MelConfig(hop=300), "hop must divide half of n_fft 1024, got 300"),
        (lambda: EncoderConfig(heads=5), "heads must be 0 or divide half of dim 192, got 5"),
        (lambda: ProsodyConfig(heads=-1), "heads must be 0 or divide half of dim 128, got -1"),
        (lambda: DecoderConfig(kernel=4), "kernel must be odd, got 4"),
    ],
)
def test_a_size_that_does_not_fit_is_refused(make, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        make()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"voices": ()}, "a model must have at least 1 voice, got 0"),
        ({"voices": tuple(map(str, range(100_001)))}, "a model must have at most 100000 voices, "),
        ({"voices": ("a", "a")}, r"names of voices must differ, got \('a', 'a'\)"),
        ({"voices": (" ",)}, "names of voices must have 1 to 200 printable characters, got ' '"),
        ({"voices": ("a\n",)}, "names of voices must have 1 to 200 printable characters, got"),
        ({"symbols": "a" * 1001}, "a model must have at most 1000 symbols, got 1001"),
        ({"convention": "ipa"}, "convention must be one of misaki, espeak; got 'ipa'"),
    ],
)
def test_a_model_that_cannot_be_is_refused(tiny_config, change, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        replace(tiny_config, **change)
