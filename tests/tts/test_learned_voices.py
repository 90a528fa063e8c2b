import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import tts.learned_voices
from tests.conftest import TINY, awake
from tests.tts.voices import CHANGED, VOCODER, card_for, voice_file
from tts import Speech, load
from tts.acoustic.model import AcousticModel
from tts.delivery import Delivery
from tts.learned_voices import VoiceFileError, find_voices, user_voice_dir
from tts.rendering import Rendering
from tts.runtime.base import Runtime, WeightDifferences
from tts.runtime.torch import TorchRuntime
from tts.runtime_cache import RuntimeCache
from tts.synthesis import Synthesizer
from tts.torch_checkpoint import add_metadata, load_checkpoint, load_vocoder, save_checkpoint
from tts.vocoder.model import Vocoder
from tts.voice_files import read_voice, write_voice
from tts.voices import VoiceInfo

TEXT = "So they do."


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with tiny models, and a folder of the voices anna and bea, which stay."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("kept")
    paths = models_in(folder)
    save_checkpoint(awake(AcousticModel(TINY)), paths[0], {"family": "tiny"})
    save_checkpoint(Vocoder(VOCODER), paths[1], {})
    (folder / "voices").mkdir()
    for seed, name in enumerate(("anna", "bea")):
        voice = voice_file(TINY, seed, card=card_for(*paths, name))
        write_voice(voice, folder / "voices" / f"{name}.voice")
    return folder


@pytest.fixture(scope="module")
def both(kept):
    """A synthesizer with both voices, which stays as it is."""
    return load(*models_in(kept), runtime="torch", voice_dir=kept / "voices")


@pytest.fixture
def models(kept, tmp_path):
    """The paths of copies of the models."""
    return [Path(shutil.copy(path, tmp_path)) for path in models_in(kept)]


@pytest.fixture
def folder(kept, tmp_path):
    """A copy of the folder of voices."""
    return shutil.copytree(kept / "voices", tmp_path / "voices")


def models_in(folder):
    return folder / "acoustic.safetensors", folder / "vocoder.safetensors"


def speak(synthesizer, voice, **options):
    return synthesizer.speak(TEXT, Delivery(voice=voice, **options)).audio


def sum_by_hand(models, shares, folder):
    """A synthesizer of models whose weights are summed here, whose first voice is the blend."""
    acoustic, vocoder = load_checkpoint(models[0], AcousticModel), load_vocoder(models[1])
    files = {name: read_voice(folder / f"{name}.voice") for name in shares if name != "heart"}
    vector = shares.get("heart", 0) * acoustic.voices.weight[0].detach().numpy()
    deviation = shares.get("heart", 0) * acoustic.pitch[0, 1].item()
    for name, voice in files.items():
        vector = vector + shares[name] * voice.vector
        deviation = deviation + shares[name] * voice.pitch[1]
        for part, model in (("acoustic", acoustic), ("vocoder", vocoder)):
            weights = model.state_dict()
            assert sorted(getattr(voice, part)) == sorted(CHANGED[part])
            for key, difference in getattr(voice, part).items():
                weights[key] += shares[name] * torch.from_numpy(difference)
    with torch.no_grad():
        acoustic.voices.weight[0] = torch.from_numpy(vector)
        acoustic.pitch[0, 1] = float(deviation)
    return Synthesizer(TorchRuntime(acoustic, vocoder))


def test_voices_of_a_folder_are_listed_after_those_of_the_model(both):
    assert both.voices == ("heart", "michael", "anna", "bea")
    assert both.has_voice("anna")
    assert not both.has_voice("carla")
    assert both.learned_voices["anna"].info == VoiceInfo(name="anna")
    assert both.voice_weights("heart(3)+bea(1)") == [0.75, 0, 0, 0.25]
    assert both.voice_shares("bea(1)+heart(3)") == {"heart": 0.75, "bea": 0.25}
    with pytest.raises(ValueError, match="unknown voice 'bob'; voices: heart, michael, anna, bea,"):
        speak(both, "bob")


@pytest.mark.parametrize(
    ("voice", "shares"),
    [
        ("anna", {"anna": 1}),
        ("anna(3)+heart(1)", {"anna": 0.75, "heart": 0.25}),
        ("bea(3)+anna(1)", {"anna": 0.25, "bea": 0.75}),
        ("heart(2)+anna+bea", {"heart": 0.5, "anna": 0.25, "bea": 0.25}),
    ],
)
def test_a_blend_has_the_sum_of_differences(voice, shares, both, models, folder):
    wanted = speak(sum_by_hand(models, shares, folder), "heart", pitch=2)
    np.testing.assert_allclose(speak(both, voice, pitch=2), wanted, atol=1e-5)


def test_voices_differ_and_the_models_own_stay_as_they_were(both, models):
    plain = load(*models, runtime="torch")
    for voice in ("heart", "heart(2)+michael(1)"):
        np.testing.assert_array_equal(speak(both, voice), speak(plain, voice))
    heard = [speak(both, voice) for voice in ("heart", "anna", "bea", "anna+bea")]
    for index, one in enumerate(heard):
        for other in heard[:index]:
            assert len(one) != len(other) or abs(one - other).max() > 1e-3


@pytest.mark.parametrize("voice", ["anna+anna", "anna(2)+anna(1)", "anna(7)+heart(0)"])
def test_a_voice_with_itself_is_itself_to_the_bit(voice, both):
    np.testing.assert_array_equal(speak(both, voice), speak(both, "anna"))


def test_a_blend_is_the_same_in_any_order(both):
    np.testing.assert_array_equal(speak(both, "anna+bea+heart"), speak(both, "heart+bea+anna"))


def test_streamed_equals_whole(both):
    delivery = Delivery(voice="anna(2)+heart(1)")
    text = "One came along the road and two went back. Three stayed."
    pieces = list(both.stream(text, delivery))
    whole = both.speak(text, delivery)
    assert len(pieces) > 3
    np.testing.assert_allclose(Speech.join(pieces).audio, whole.audio, atol=1e-4)


def test_tasks_of_different_voices_are_rendered_in_one_batch(both):
    voices = ("heart", "anna", "michael", "anna+bea", "anna")
    renderings = [Rendering(both.events(TEXT, Delivery(voice=voice))) for voice in voices]
    heard = [list(rendering.pieces()) for rendering in renderings]
    while active := [each for each in renderings if each.tasks]:
        both.render([task for each in active for task in each.tasks])
        for each in active:
            heard[renderings.index(each)] += each.pieces()
    for voice, pieces in zip(voices, heard, strict=True):
        np.testing.assert_allclose(Speech.join(pieces).audio, speak(both, voice), atol=1e-5)


def test_torch_and_onnx_agree(both, models, folder):
    other = load(*models, runtime="onnx", precision="float32", voice_dir=folder)
    for voice in ("anna", "anna(2)+heart(1)"):
        np.testing.assert_allclose(speak(other, voice), speak(both, voice), atol=1e-3)


def test_files_are_given_by_path_or_under_names(models, folder, both):
    anna = folder / "anna.voice"
    given = load(*models, runtime="torch", voices=[anna, str(folder / "bea.voice")])
    assert given.voices == ("heart", "michael", "anna", "bea")
    named = load(*models, runtime="torch", voices={"a b.voice": anna, "x/b.voice": anna})
    assert named.voices == ("heart", "michael", "a b.voice", "x/b.voice")
    for voice in ("a b.voice", "x/b.voice"):
        np.testing.assert_array_equal(speak(named, voice), speak(both, "anna"))
    np.testing.assert_array_equal(
        speak(named, "x/b.voice(2)+heart(1)"), speak(both, "anna(2)+heart(1)")
    )


def test_the_users_folder_is_offered_if_it_is_there(models, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(tts.learned_voices, "user_voice_dir", lambda: tmp_path / "none")
    assert load(*models, runtime="torch").voices == ("heart", "michael")
    monkeypatch.setattr(tts.learned_voices, "user_voice_dir", lambda: folder)
    assert load(*models, runtime="torch").voices == ("heart", "michael", "anna", "bea")
    assert user_voice_dir().parts[-2:] == ("one-step-tts", "voices")


def test_a_users_folder_that_cannot_be_read_stops_nothing(both, folder, monkeypatch):
    def access(path, mode):
        asked.append(path)
        return False

    asked = []
    monkeypatch.setattr(tts.learned_voices, "user_voice_dir", lambda: folder)
    monkeypatch.setattr("os.access", access)
    found = find_voices(both.learned_voices["anna"].models)
    assert asked == [folder]
    assert (found.names, found.left_out) == ((), ())


def test_shipped_voices_are_offered_with_the_models_they_fit(models, folder, monkeypatch):
    monkeypatch.setattr(tts.learned_voices, "shipped_checkpoint", lambda kind: folder / kind)
    assert load(*models, runtime="torch").voices == ("heart", "michael", "anna", "bea")
    add_metadata(models[0], models[0], {"family": "other"})
    other = load(*models, runtime="torch")
    assert other.voices == ("heart", "michael")
    assert not other.learned_voices.left_out


def test_a_voice_of_another_family_is_refused(models, folder):
    add_metadata(models[0], models[0], {"family": "other"})
    anna = folder / "anna.voice"
    sentence = (
        r"^cannot use .*anna.voice: it belongs to the family 'tiny', and the acoustic model to "
        "'other'; use the acoustic model it was learned with$"
    )
    with pytest.raises(ValueError, match=sentence):
        load(*models, runtime="torch", voices=[anna])
    synthesizer = load(*models, runtime="torch", voice_dir=folder)
    assert synthesizer.voices == ("heart", "michael")
    assert [one.path.name for one in synthesizer.learned_voices.left_out] == [
        "anna.voice",
        "bea.voice",
    ]
    with pytest.raises(ValueError, match=sentence):
        speak(synthesizer, "anna(2)+heart(1)")
    with pytest.raises(ValueError, match="unknown voice 'bob'"):
        speak(synthesizer, "bob")


def test_differences_of_another_vocoder_are_refused(models, folder, tiny_vocoder):
    tiny_vocoder.head.out.bias.data.add_(1)
    save_checkpoint(tiny_vocoder, models[1], {})
    anna = folder / "anna.voice"
    with pytest.raises(ValueError, match=r"anna.voice: it changes the vocoder '[0-9a-f]{12}', got"):
        load(*models, runtime="torch", voices=[anna])
    write_voice(replace(read_voice(anna), vocoder={}), anna)
    assert "anna" in load(*models, runtime="torch", voices=[anna]).voices


@pytest.mark.parametrize("name", ["heart", "anna"])
def test_a_name_that_is_taken_is_refused(name, models, folder):
    voice = voice_file(TINY, card=card_for(*models, name))
    write_voice(voice, folder / "other.voice")
    with pytest.raises(ValueError, match=rf"other.voice: there is another voice '{name}'; give it"):
        load(*models, runtime="torch", voices=[folder / "anna.voice", folder / "other.voice"])
    (left,) = load(*models, runtime="torch", voice_dir=folder).learned_voices.left_out
    assert left.path.name == "other.voice"
    assert f"there is another voice {name!r}" in left.reason


def test_a_file_that_is_given_goes_before_one_of_a_folder(models, folder, tmp_path):
    newer = tmp_path / "newer.voice"
    write_voice(voice_file(TINY, 5, card=card_for(*models, "anna")), newer)
    synthesizer = load(*models, runtime="torch", voices=[newer], voice_dir=folder)
    assert synthesizer.learned_voices["anna"].path == newer
    assert [one.path.name for one in synthesizer.learned_voices.left_out] == ["anna.voice"]


def test_a_damaged_file_of_a_folder_stops_nothing(models, folder):
    (folder / "anna.voice").write_bytes(b"damaged")
    (folder / "readme.txt").write_text("not a voice")
    synthesizer = load(*models, runtime="torch", voice_dir=folder)
    assert synthesizer.voices == ("heart", "michael", "bea")
    (left,) = synthesizer.learned_voices.left_out
    assert left.path.name == "anna.voice"
    speak(synthesizer, "bea")
    with pytest.raises(ValueError, match=r"anna\.voice is not a safetensors file"):
        speak(synthesizer, "anna")
    with pytest.raises(ValueError, match="is not a safetensors file"):
        load(*models, runtime="torch", voices=[folder / "anna.voice"])


def test_what_is_not_there_is_refused(models, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*none\.voice"):
        load(*models, runtime="torch", voices=[tmp_path / "none.voice"])
    with pytest.raises(FileNotFoundError, match=r"no such folder: .*none"):
        load(*models, runtime="torch", voice_dir=tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="not a folder: "):
        load(*models, runtime="torch", voice_dir=models[0])
    with pytest.raises(ValueError, match=r"voices must be a list of paths, got 'anna\.voice'"):
        load(*models, runtime="torch", voices="anna.voice")


def test_weights_are_read_when_they_are_used(models, folder):
    synthesizer = load(*models, runtime="torch", voice_dir=folder)
    (folder / "anna.voice").unlink()
    write_voice(voice_file(TINY, card=card_for(*models, "bea", minutes=9)), folder / "bea.voice")
    speak(synthesizer, "heart")
    with pytest.raises(VoiceFileError, match=r"no such file: .*anna\.voice"):
        speak(synthesizer, "anna")
    with pytest.raises(VoiceFileError, match=r"bea\.voice was replaced after it was loaded"):
        speak(synthesizer, "bea")


def test_a_difference_that_does_not_fit_is_refused_when_it_is_used(models, tmp_path):
    voice = voice_file(TINY, card=card_for(*models), acoustic={"mean.bias": np.zeros(3)})
    write_voice(voice, tmp_path / "anna.voice")
    synthesizer = load(*models, runtime="torch", voices=[tmp_path / "anna.voice"])
    with pytest.raises(ValueError, match=r"the acoustic model has no weight 'mean\.bias'"):
        speak(synthesizer, "anna")


def test_a_vector_alone_needs_no_other_runtime(models, tmp_path):
    voice = voice_file(TINY, card=card_for(*models), acoustic={}, vocoder={})
    write_voice(voice, tmp_path / "anna.voice")
    synthesizer = load(*models, runtime="torch", voices=[tmp_path / "anna.voice"])
    task = next(synthesizer.events(TEXT, Delivery(voice="anna")))
    assert task.plan.runtime is synthesizer.runtime
    np.testing.assert_array_equal(task.plan.tokens.voice, voice.vector)


def test_the_files_of_a_blend_have_hashes(both):
    assert [each.name for each in both.learned_voices.used_in("bea(2)+heart+anna+bea")] == [
        "bea",
        "anna",
    ]
    assert both.learned_voices.used_in("heart") == ()
    anna, bea = both.learned_voices.used_in("anna+bea")
    assert len(anna.hash) == 64
    assert anna.hash != bea.hash


@pytest.fixture
def counted(kept, monkeypatch):
    """A synthesizer, and the differences that its runtime was adapted to."""
    both = load(*models_in(kept), runtime="torch", voice_dir=kept / "voices")
    made, adapt = [], both.runtime.adapted

    def adapted(differences: WeightDifferences, voice: np.ndarray) -> Runtime:
        made.append(differences)
        return adapt(differences, voice)

    monkeypatch.setattr(both.runtime, "adapted", adapted)
    return both, made


def test_threads_make_a_runtime_once(counted):
    synthesizer, made = counted
    start = threading.Barrier(4)

    def plan(_):
        start.wait()
        return next(synthesizer.events(TEXT, Delivery(voice="anna"))).plan.runtime

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(plan, range(4)))
    assert len(made) == 1
    assert all(runtime is found[0] for runtime in found)


def test_the_runtimes_used_last_are_kept(counted):
    synthesizer, made = counted

    def use(voice):
        next(synthesizer.events(TEXT, Delivery(voice=voice)))

    for voice in ("anna", "bea", "anna+bea", "anna(2)+bea", "anna"):
        use(voice)
    assert len(made) == 4
    use("anna(3)+bea")
    use("anna")
    assert len(made) == 5
    use("bea")
    assert len(made) == 6


def test_a_failure_to_make_a_runtime_is_tried_again(tiny_synthesizer):
    cache, runtime, tries = RuntimeCache(), tiny_synthesizer.runtime, []

    def make(base: Runtime) -> Runtime:
        tries.append(base)
        if len(tries) == 1:
            raise ValueError("not today")
        return base

    with pytest.raises(ValueError, match="not today"):
        cache.get_or_make("key", runtime, make)
    assert cache.get_or_make("key", runtime, make) is runtime
    assert cache.get_or_make("key", runtime, make) is runtime
    assert tries == [runtime, runtime]


def test_a_runtime_in_use_is_made_once_even_if_others_were_used_after_it(counted):
    synthesizer, made = counted
    voices, runtime = synthesizer.learned_voices, synthesizer.runtime
    assert voices.made(runtime, {"heart": 1.0}) is runtime
    assert voices.made(runtime, {"anna": 1.0}) is None
    kept = voices.resolve(runtime, {"anna": 1.0}).runtime
    for share in (0.1, 0.2, 0.3, 0.4, 0.6):
        voices.resolve(runtime, {"anna": share, "heart": 1 - share})
    assert voices.made(runtime, {"anna": 1.0}) is kept
    assert voices.resolve(runtime, {"anna": 1.0}).runtime is kept
    assert len(made) == 6
