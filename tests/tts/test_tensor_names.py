"""Names of tensors in files: attributes have other names, and are no keys themselves."""

import pytest

from tts.tensor_names import KEYS


def test_a_name_of_an_attribute_is_an_unexpected_key(tiny_synthesizer):
    model = tiny_synthesizer.runtime.acoustic
    state = model.state_dict()
    assert "prosody.enter.weight" in state
    state["prosody.input.weight"] = state.pop("prosody.enter.weight")
    with pytest.raises(RuntimeError, match="Unexpected key"):
        model.load_state_dict(state)


def test_no_attribute_is_a_key_of_another():
    for names in KEYS.values():
        assert not names.keys() & set(names.values())
