import json
import re
from dataclasses import asdict, replace

import numpy as np
import pytest
import safetensors.numpy

from tests.tts.voices import card, half, voice_file
from tts.checkpoint import read_metadata, shipped_checkpoint
from tts.config import VocoderConfig
from tts.model_family import family_of, model_family, weights_hash
from tts.voice_files import changes_vocoder, check_fits, read_card, read_voice, write_voice

CARD = card(
    sex="female",
    accent="US",
    minutes=10,
    licence="CC0-1.0",
    consent="May be used by all.\nAnna, 2026",
    word_errors=6.0,
    distillmos=4.1,
    similarity=0.8,
    self_similarity=0.9,
    lines=40,
)


@pytest.fixture
def voice(tiny_config):
    return replace(voice_file(tiny_config), card=CARD)


@pytest.fixture
def path(voice, tmp_path):
    write_voice(voice, tmp_path / "anna.voice")
    return tmp_path / "anna.voice"


def test_a_voice_comes_back_equal(voice, path):
    found = read_voice(path)
    assert found.card == read_card(path) == CARD
    assert found.peak_level == np.float32(voice.peak_level)
    for name in ("vector", "pitch"):
        np.testing.assert_array_equal(getattr(found, name), getattr(voice, name))
    for part in ("acoustic", "vocoder"):
        wanted, given = getattr(voice, part), getattr(found, part)
        assert sorted(given) == sorted(wanted)
        for name in wanted:
            assert given[name].dtype == np.float32
            np.testing.assert_array_equal(given[name], wanted[name].astype(np.float16))
    assert [each.name for each in path.parent.iterdir()] == ["anna.voice"]
    write_voice(found, path)
    again = read_voice(path)
    np.testing.assert_array_equal(again.acoustic["mean.bias"], found.acoustic["mean.bias"])


def test_a_file_says_whether_it_changes_the_vocoder(voice, path):
    assert changes_vocoder(path)
    write_voice(replace(voice, vocoder={}), path)
    assert not changes_vocoder(path)


def test_a_voice_of_the_usual_size_is_light(voice, tmp_path):
    many = {"decoder.leave.weight": np.ones((836, 1000), np.float32)}
    write_voice(replace(voice, acoustic=many), tmp_path / "a.voice")
    assert (tmp_path / "a.voice").stat().st_size < 3e6


def rewritten(path, change):
    """Change the tensors and the metadata of a file in place."""
    tensors, metadata = safetensors.numpy.load_file(path), dict(read_header(path))
    change(tensors, metadata)
    path.write_bytes(safetensors.numpy.save(tensors, metadata))


def read_header(path):
    with safetensors.safe_open(path, "np") as file:
        return file.metadata()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t, m: t.pop("vector"), r"anna.voice lacks vector; download"),
        (lambda t, m: t.update(more=np.zeros(1)), "invalid values in 'more'"),
        (lambda t, m: t.update(more=np.zeros(1, np.float32)), "invalid values in 'more'"),
        (lambda t, m: t.update({"acoustic.x": np.float32([np.nan])}), "values in 'acoustic.x'"),
        (lambda t, m: t.update({"acoustic.x": np.float16([np.inf])}), "values in 'acoustic.x'"),
        (lambda t, m: t.update({"acoustic.x": np.float32([1e6])}), "values in 'acoustic.x'"),
        (lambda t, m: t.update({"vocoder.x": np.int8([1])}), "invalid values in 'vocoder.x'"),
        (lambda t, m: t.update({"vocoder.x": np.zeros((1,) * 5, np.float16)}), "'vocoder.x'"),
        (lambda t, m: t.update(pitch=np.float32([5, 0])), "invalid values in 'pitch'"),
        (lambda t, m: t.update(pitch=np.float32([5])), "invalid values in 'pitch'"),
        (lambda t, m: t.update(vector=np.zeros((2, 4), np.float32)), "values in 'vector'"),
        (lambda t, m: t.update(peak_level=np.zeros(1, np.float32)), "values in 'peak_level'"),
        (lambda t, m: m.update(kind="acoustic"), "is not a voice file; its kind is 'acoustic'"),
        (lambda t, m: m.pop("kind"), "is not a voice file; its kind is None"),
        (lambda t, m: m.update(format="2"), "expected format '1', got '2'"),
        (lambda t, m: m.pop("card"), "cannot read the card of .*: expected JSON, got ''"),
        (lambda t, m: m.update(card="[" * 10**5), "cannot read the card of .*: expected JSON"),
        (lambda t, m: m.update(card="[]"), "expected the fields of a VoiceCard"),
    ],
)
def test_what_is_damaged_is_refused(change, message, path):
    rewritten(path, change)
    with pytest.raises(ValueError, match=message):
        read_voice(path)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"name": ""}, "the name of a voice must have from 1 to 200 characters, got 0"),
        ({"name": "a" * 201}, "from 1 to 200 characters, got 201"),
        ({"name": "ä" * 130}, "from 1 to 200 characters"),
        ({"name": "../anna"}, "must be printable, start with neither"),
        ({"name": "an na"}, "have no spaces"),
        ({"name": "anna+bob"}, "none of"),
        ({"name": "anna(2)"}, "none of"),
        ({"name": "a\x1b[2J"}, "must be printable"),
        ({"name": "-o"}, "start with neither"),
        ({"name": 5}, "name must be text, got 5"),
        ({"family": ""}, "family must have from 1 to 1000 characters, got 0"),
        ({"consent": "a\x1b[2J"}, "consent must be printable"),
        ({"licence": "x" * 1001}, "licence must have from 1 to 1000 characters, got 1001"),
        ({"acoustic_hash": "x"}, "acoustic_hash must be 64 hexadecimal digits, got 'x'"),
        ({"minutes": -1}, "minutes must be from 0 to 1000000.0, got -1"),
        ({"minutes": "10"}, "minutes must be a number, got '10'"),
        ({"colour": "red"}, "VoiceCard has no field colour"),
    ],
)
def test_a_card_is_checked(entries, message, path):
    changed = json.dumps(asdict(CARD) | entries)
    rewritten(path, lambda tensors, metadata: metadata.update(card=changed))
    with pytest.raises(ValueError, match=f"cannot read the card of .*{message}"):
        read_card(path)


def test_a_card_that_lacks_a_field_is_refused(path):
    rewritten(path, lambda tensors, metadata: metadata.update(card='{"name": "anna"}'))
    with pytest.raises(ValueError, match="VoiceCard needs the field accent, acoustic_hash"):
        read_card(path)


def test_what_is_no_voice_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^no such file: .*none\.voice$"):
        read_voice(tmp_path / "none.voice")
    with pytest.raises(FileNotFoundError, match=f"^not a file: {re.escape(str(tmp_path))}$"):
        read_voice(tmp_path)
    text = tmp_path / "text.voice"
    text.write_text("not a voice")
    with pytest.raises(ValueError, match="is not a safetensors file"):
        read_voice(text)
    with text.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(ValueError, match="must have at most 67108864 bytes, got 1073741824"):
        read_card(text)
    with pytest.raises(ValueError, match="is not a voice file; its kind is 'vocoder'"):
        read_card(shipped_checkpoint("vocoder"))


@pytest.mark.parametrize("size", [0, 7, 100, 900, -1])
def test_what_is_cut_off_is_refused(size, path):
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match="is not a safetensors file"):
        read_voice(path)


def test_a_difference_beyond_half_precision_is_not_written(voice, tmp_path):
    huge = replace(voice, acoustic={"mean.bias": np.float32([1e5])})
    with pytest.raises(ValueError, match=r"difference of mean.bias must be from -65504 to 65504"):
        write_voice(huge, tmp_path / "a.voice")
    with pytest.raises(ValueError, match=r"name must end in .voice, got 'a.safetensors'"):
        write_voice(voice, tmp_path / "a.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_file_that_was_there(voice, path, small_files):
    before = path.read_bytes()
    with small_files(1000), pytest.raises(OSError, match=r"cannot write .*anna\.voice"):
        write_voice(voice, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vector": np.zeros(9, np.float32)}, "its vector must have 8 values, got 9"),
        (
            {"acoustic": {"mean.bias": np.zeros(9)}},
            r"acoustic model has no weight 'mean.bias' of the",
        ),
        (
            {"acoustic": {"mean.more": np.zeros(9)}},
            r"acoustic model has no weight 'mean.more' of the",
        ),
        ({"acoustic": {"pitch": np.zeros((2, 2))}}, "acoustic model has no weight 'pitch' of the"),
        ({"vocoder": {"head.out.bias": np.zeros(9)}}, "vocoder has no weight 'head.out.bias'"),
    ],
)
def test_weights_of_other_models_are_refused(changes, message, voice, tiny_config, tmp_path):
    configs = {
        "acoustic": tiny_config,
        "vocoder": VocoderConfig(dim=16, intermediate_dim=32, depth=2),
    }
    check_fits(voice, configs, tmp_path)
    with pytest.raises(ValueError, match=message):
        check_fits(replace(voice, **changes), configs, tmp_path)


def test_a_hash_is_of_the_weights_alone(voice, path):
    before = weights_hash(path)
    rewritten(path, lambda tensors, metadata: metadata.update(more="x"))
    assert weights_hash(path) == before
    rewritten(path, lambda tensors, metadata: tensors.update(pitch=np.float32([5, 0.25])))
    assert weights_hash(path) != before
    found = weights_hash(shipped_checkpoint("vocoder"))
    assert re.fullmatch("[0-9a-f]{64}", found)


def test_a_family_is_named_or_else_of_the_hash():
    assert family_of({"family": "one"}, "ab" * 32) == "one"
    assert family_of({}, "ab" * 32) == "abababababab"
    acoustic = shipped_checkpoint("acoustic")
    assert model_family(acoustic) == family_of(read_metadata(acoustic), weights_hash(acoustic))


def large_voice(config, seed=0):
    """A voice with a matrix that is large enough for two bits, with an odd number of columns."""
    chance = np.random.default_rng(seed)
    matrices = {"a.weight": chance.normal(0, 0.01, (64, 101)), "b.weight": np.zeros((50, 50))}
    acoustic = {name: half(matrix) for name, matrix in matrices.items()}
    return replace(voice_file(config), acoustic=acoustic, vocoder={})


def test_large_matrices_are_stored_in_two_bits_with_the_least_error(tiny_config, tmp_path):
    """Nine dB below a normal matrix, as the table of Max has it; a second time changes nothing."""
    voice, path = large_voice(tiny_config), tmp_path / "a.voice"
    write_voice(voice, path)
    found = read_voice(path)
    exact, rounded = voice.acoustic["a.weight"], found.acoustic["a.weight"]
    assert rounded.shape == exact.shape
    ratio = 10 * np.log10(np.square(exact).sum() / np.square(rounded - exact).sum())
    assert 8.8 < ratio < 9.8
    assert not found.acoustic["b.weight"].any()
    write_voice(replace(found, acoustic=dict(found.acoustic)), tmp_path / "again.voice")
    again = read_voice(tmp_path / "again.voice").acoustic["a.weight"]
    np.testing.assert_allclose(again, rounded, atol=2e-5)
    write_voice(voice, tmp_path / "exact.voice", exact=True)
    assert path.stat().st_size < (tmp_path / "exact.voice").stat().st_size / 4
    np.testing.assert_array_equal(read_voice(tmp_path / "exact.voice").acoustic["a.weight"], exact)


def test_the_same_voice_has_the_same_bytes(voice, path, tmp_path):
    """Safetensors writes its metadata in another order each time; ten times are no chance."""
    for _ in range(10):
        write_voice(voice, tmp_path / "again.voice")
        assert (tmp_path / "again.voice").read_bytes() == path.read_bytes()


def test_a_few_bytes_do_not_become_gigabytes(tiny_config, tmp_path, monkeypatch):
    write_voice(large_voice(tiny_config), tmp_path / "a.voice")
    found = read_voice(tmp_path / "a.voice")
    monkeypatch.setattr("tts.voice_quantisation.restore", None)
    with pytest.raises(ValueError, match=r"has no weight 'a.weight' of the shape \(64, 101\)"):
        check_fits(found, {"acoustic": tiny_config}, tmp_path)


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"acoustic.a.weight": 106},
        {"acoustic.a.weight": 0},
        {"acoustic.a.weight": "101"},
        {"acoustic.a.weight": 101, "acoustic.a.weight:scales": 4},
        {"acoustic.a.weight": 101, "vector": 4},
        [],
    ],
)
def test_codes_without_the_right_columns_are_damage(columns, tiny_config, tmp_path):
    import safetensors

    write_voice(large_voice(tiny_config), tmp_path / "a.voice")
    tensors = safetensors.numpy.load_file(tmp_path / "a.voice")
    with safetensors.safe_open(tmp_path / "a.voice", framework="np") as file:
        metadata = file.metadata()
    metadata["columns"] = json.dumps(columns)
    (tmp_path / "b.voice").write_bytes(safetensors.numpy.save(tensors, metadata))
    with pytest.raises(ValueError, match="download it or make it again"):
        read_voice(tmp_path / "b.voice")
