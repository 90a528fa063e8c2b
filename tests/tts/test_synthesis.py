import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from tts.acoustic.durations import predict_durations
from tts.delivery import Delivery
from tts.noise import noise
from tts.rendering import Rendering, RenderTask
from tts.runtime.torch import TorchRuntime
from tts.streaming import FIRST_CHUNK_FRAMES, MAX_CHUNK_FRAMES, chunks
from tts.synthesis import load
from tts.text.frontend import Utterance, prepare_utterances
from tts.text.markup.tags import NEUTRAL, Prosody
from tts.text.normalise.spans import SpannedText
from tts.text.options import TextOptions
from tts.text.pauses import SENTENCE_PAUSE_SECONDS
from tts.text.pronounce.lexicon import Lexicon

RATE = 24_000
TEXTS = ("Hello.", "Flow maps speak in a single step.", "One. Two, three? " * 3)


def line_of(phonemes, tone=NEUTRAL):
    return Utterance(SpannedText.verbatim(""), phonemes, 0.0, (tone,) * len(phonemes))


@torch.inference_mode()
def unchunked(synthesizer, line, delivery, index=0):
    """One evaluation of decoder and vocoder over the whole line."""
    plan = synthesizer.plan(line, delivery, index)
    model, tokens = synthesizer.runtime.acoustic, plan.tokens
    x = delivery.temperature * torch.from_numpy(noise(plan.seed, 0, plan.frames, 100))[None]
    hidden, prosody, voice = (
        torch.from_numpy(part)[None] for part in (tokens.hidden, tokens.prosody, tokens.voice)
    )
    durations, frames = torch.from_numpy(plan.durations)[None], torch.arange(plan.frames)[None]
    conditioning = model.condition(hidden, prosody, durations, frames)
    flow = model.mel_map(conditioning, voice, torch.ones_like(frames) > 0)
    mel = model.denormalise(flow.sample(x, delivery.steps))
    return synthesizer.runtime.vocoder(mel)[0].clamp(-1, 1).numpy()


def streamed(synthesizer, line, delivery):
    """The sound of one line, in its pieces joined."""
    pieces = Rendering(synthesizer.events_of([line], delivery)).run(synthesizer.render)
    return np.concatenate([piece.audio for piece in pieces])


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 7, 23, 60])
def test_what_streams_is_one_unchunked_evaluation(tiny_synthesizer, steps, count):
    delivery = Delivery(steps=steps, seed=count)
    line = line_of(("hˈɛlO wˈɜɹld, " * 10)[:count])
    whole = unchunked(tiny_synthesizer, line, delivery)
    np.testing.assert_allclose(streamed(tiny_synthesizer, line, delivery), whole, atol=1e-4)


@pytest.mark.parametrize("size", [1, 3, 8, 50])
def test_any_chunk_size_makes_the_same_sound(tiny_synthesizer, size, monkeypatch):
    delivery = Delivery(steps=2)
    line = line_of("hˈɛlO wˈɜɹld, ðɪs ɪz ə tˈɛst")

    def even(frames):
        return ((start, min(start + size, frames)) for start in range(0, frames, size))

    monkeypatch.setattr("tts.synthesis.chunks", even)
    whole = unchunked(tiny_synthesizer, line, delivery)
    np.testing.assert_allclose(streamed(tiny_synthesizer, line, delivery), whole, atol=1e-4)


@pytest.mark.parametrize("steps", [1, 3])
def test_no_frame_of_mel_is_made_twice_over(tiny_synthesizer, steps, monkeypatch):
    frames = given = 0
    decode = TorchRuntime.decode

    def counted(self, stretches):
        nonlocal given
        given += sum(len(stretch.x) for stretch in stretches)
        return decode(self, stretches)

    monkeypatch.setattr(TorchRuntime, "decode", counted)
    for step in tiny_synthesizer.events(TEXTS[2], Delivery(steps=steps)):
        if isinstance(step, RenderTask):
            tiny_synthesizer.render([step])
            frames += step.plan.frames if step.start == 0 else 0
    assert given == frames * steps


def test_speaking_is_each_sentence_with_a_pause_between(tiny_synthesizer):
    text, delivery = "Hello there. Goodbye.", Delivery(seed=3)
    speech = tiny_synthesizer.speak(text, delivery)
    first, second = (
        unchunked(tiny_synthesizer, line, delivery, index)
        for index, line in enumerate(prepare_utterances(text))
    )
    pause = np.zeros(round(SENTENCE_PAUSE_SECONDS * RATE), np.float32)
    assert len(speech.audio) == len(first) + len(pause) + len(second)
    np.testing.assert_allclose(speech.audio, np.concatenate([first, pause, second]), atol=1e-4)


@pytest.mark.parametrize("asked", ["[pause:777ms]", "<speak>"])
def test_a_pause_is_exact_to_the_sample_and_changes_nothing_else(tiny_synthesizer, asked):
    texts = {
        "[pause:777ms]": "[pause:1s]Hello there. [pause:777ms] Goodbye.[pause:10ms]",
        "<speak>": "<speak><break time='1s'/>Hello there. <break time='777ms'/>Goodbye."
        "<break time='10ms'/></speak>",
    }
    plain = tiny_synthesizer.speak("Hello there. Goodbye.").audio
    first = len(tiny_synthesizer.speak("Hello there.").audio)
    paused = tiny_synthesizer.speak(texts[asked]).audio
    before, between, after = RATE, round(0.777 * RATE), round(0.01 * RATE)
    rest = plain[first + round(SENTENCE_PAUSE_SECONDS * RATE) :]
    silences = [np.zeros(count, np.float32) for count in (before, between, after)]
    wanted = [silences[0], plain[:first], silences[1], rest, silences[2]]
    np.testing.assert_array_equal(paused, np.concatenate(wanted))


def test_hours_of_silence_come_in_pieces_too(tiny_synthesizer):
    pieces = tiny_synthesizer.stream("Hello there. " + "[pause:60s]" * 400 + " Goodbye.")
    silence = [len(piece.audio) for piece in pieces if not piece.phones]
    assert sum(silence) == 400 * 60 * RATE
    assert max(silence) <= 10 * RATE


@pytest.mark.parametrize("pace", [1.0, 1.1])
def test_plain_lines_are_what_they_are_without_tones(tiny_synthesizer, pace, monkeypatch):
    delivery = Delivery(pace=pace)
    toned = tiny_synthesizer.speak(TEXTS[2], delivery).audio
    monkeypatch.setattr("tts.synthesis.shift_prosody", lambda prosody, *_: prosody)
    monkeypatch.setattr(
        "tts.synthesis.predict_durations",
        lambda prosody, statistics, lasting, _: predict_durations(
            prosody, statistics, lasting, np.full(len(lasting), pace, np.float32)
        ),
    )
    np.testing.assert_array_equal(toned, tiny_synthesizer.speak(TEXTS[2], delivery).audio)


def test_a_text_at_a_pace_is_as_if_delivered_at_it(tiny_synthesizer):
    tagged = tiny_synthesizer.speak(f"[pace:0.5]{TEXTS[1]}[/pace]").audio
    delivered = tiny_synthesizer.speak(TEXTS[1], Delivery(pace=0.5)).audio
    np.testing.assert_array_equal(tagged, delivered)


def test_pace_is_of_the_words_it_is_asked_of(tiny_synthesizer):
    def lengths(text):
        return [word.end - word.start for word in tiny_synthesizer.speak(text).words]

    plain = lengths("one two three four")
    slow = lengths("one [pace:0.5]two three[/pace] four")
    assert slow[0] == pytest.approx(plain[0], abs=0.02)
    assert sum(slow[1:3]) == pytest.approx(2 * sum(plain[1:3]), rel=0.1)
    assert slow[3] == pytest.approx(plain[3], abs=0.02)


@pytest.mark.parametrize("tone", [Prosody(pitch=4), Prosody(energy=6)])
def test_pitch_and_energy_are_heard_but_not_in_the_rhythm(tiny_synthesizer, tone):
    plain, toned = (tiny_synthesizer.plan(line_of("hˈɛlO", t), Delivery()) for t in (NEUTRAL, tone))
    np.testing.assert_array_equal(toned.durations, plain.durations)
    assert not np.allclose(toned.tokens.prosody, plain.tokens.prosody)


def test_same_seed_same_sound_other_seed_other_sound(tiny_synthesizer):
    first, again, other = (
        tiny_synthesizer.speak("Hello there.", Delivery(seed=s)) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.audio, again.audio)
    assert first.audio.shape != other.audio.shape or not np.allclose(first.audio, other.audio)


def test_half_the_pace_is_about_twice_as_long(tiny_synthesizer):
    text = "A sentence of some length, for its rhythm."
    slow, plain = (tiny_synthesizer.speak(text, Delivery(pace=p)).seconds for p in (0.5, 1.0))
    assert slow / plain == pytest.approx(2, rel=0.15)


def test_usual_pauses_last_as_much_longer_as_is_asked(tiny_synthesizer):
    def gaps(pauses):
        text = "Hello there. General, hello. [pause:777ms] And goodbye."
        pieces = list(tiny_synthesizer.stream(text, Delivery(pauses=pauses)))
        return [len(piece.audio) for piece in pieces if not piece.audio.any()]

    usual, asked = round(SENTENCE_PAUSE_SECONDS * RATE), round(0.777 * RATE)
    assert gaps(1.0) == [usual, asked]
    assert gaps(3.0) == [3 * usual, asked]


def test_pauses_within_a_line_last_longer_too(tiny_synthesizer):
    def within(pauses):
        line = line_of("hˈɛlO, wˈɜɹld, ənd mˈɔɹ")
        durations = tiny_synthesizer.plan(line, Delivery(pauses=pauses)).durations.tolist()
        commas = [symbol in " ," for symbol in f"^{line.phonemes}$"]
        silent = sum(d for d, comma in zip(durations, commas, strict=True) if comma)
        return silent, sum(durations) - silent

    (short, words), (long, same) = within(1.0), within(3.0)
    assert long == pytest.approx(3 * short, abs=3)
    assert same == pytest.approx(words, abs=3)


def test_a_whole_delivery_is_higher_and_louder_as_its_tags_would_be(tiny_synthesizer):
    line = line_of("hˈɛlO", Prosody(pitch=4, energy=-3))
    tagged = tiny_synthesizer.plan(line, Delivery())
    delivered = tiny_synthesizer.plan(line_of("hˈɛlO"), Delivery(pitch=4, energy=-3))
    np.testing.assert_allclose(delivered.tokens.prosody, tagged.tokens.prosody, rtol=1e-6)
    np.testing.assert_array_equal(delivered.durations, tagged.durations)


def test_voices_differ(tiny_synthesizer):
    heart, michael = (
        tiny_synthesizer.speak("Hello.", Delivery(voice=v)) for v in ("heart", "michael")
    )
    assert heart.audio.shape != michael.audio.shape or not np.allclose(heart.audio, michael.audio)


def test_phones_follow_one_another_within_the_sound(tiny_synthesizer):
    speech = tiny_synthesizer.speak("Hello there. General hello, and goodbye!")
    times = [(phone.start, phone.end) for phone in speech.phones]
    assert all(start < end for start, end in times)
    assert all(end <= start + 1e-9 for (_, end), (start, _) in itertools.pairwise(times))
    assert times[-1][1] <= speech.seconds


def test_threads_do_not_disturb_one_another(tiny_synthesizer):
    alone = {seed: tiny_synthesizer.speak(TEXTS[1], Delivery(seed=seed)).audio for seed in range(4)}
    together = {}

    def speak(seed):
        together[seed] = tiny_synthesizer.speak(TEXTS[1], Delivery(seed=seed)).audio

    threads = [threading.Thread(target=speak, args=(seed,)) for seed in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, audio in alone.items():
        np.testing.assert_allclose(together[seed], audio, atol=1e-5)


def test_the_caller_of_a_stream_is_not_in_inference_mode(tiny_synthesizer):
    for _ in tiny_synthesizer.stream(TEXTS[1]):
        assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize("text", ["", "   ", "...", "\n\n", "—?!", "[pause:1s]", "<speak/>"])
def test_a_text_with_nothing_to_say_is_refused_at_the_door(tiny_synthesizer, text):
    with pytest.raises(ValueError, match="no words to speak in"):
        tiny_synthesizer.stream(text)


def test_an_unknown_voice_is_refused_at_the_door(tiny_synthesizer):
    with pytest.raises(
        ValueError, match=r"unknown voice 'bob'; voices: heart, michael, or a blend such as"
    ):
        tiny_synthesizer.stream("Hello.", Delivery(voice="bob"))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("steps", 0),
        ("seed", -1),
        ("pace", 0.1),
        ("temperature", 3.0),
        ("pitch", 13.0),
        ("energy", -21.0),
        ("pauses", 0.0),
        ("prosody_temperature", -1.0),
    ],
)
def test_a_delivery_out_of_range_is_refused(option, value):
    with pytest.raises(ValueError, match=f"{option} must be from"):
        replace(Delivery(), **{option: value})


def test_every_other_seed_is_in_range_too():
    with pytest.raises(ValueError, match="seeds from 0 to"):
        Delivery(other_seeds=((2, -1),))


@pytest.mark.parametrize("frames", [1, 31, 32, 33, 63, 64, 65, 200, 5000])
def test_chunks_cover_every_frame_once(frames):
    cut = list(chunks(frames))
    assert cut[0][0] == 0
    assert cut[-1][1] == frames
    assert all(stop == start for (_, stop), (start, _) in itertools.pairwise(cut))
    assert all(b - a <= MAX_CHUNK_FRAMES + FIRST_CHUNK_FRAMES for a, b in cut)
    assert len(cut) == 1 or cut[0] == (0, FIRST_CHUNK_FRAMES)


def test_a_book_starts_to_sound_before_it_is_read_to_the_end(tiny_synthesizer, monkeypatch):
    read = []

    def listen(text, **_):
        read.append(text)
        return "kˈɔl mi ˈɪʃməl.", ()

    monkeypatch.setattr("tts.text.frontend.phonemise_words", listen)
    next(tiny_synthesizer.stream("Call me Ishmael. " * 1000))
    assert len(read) == 1


def test_a_lexicon_and_a_reading_change_what_is_said(tiny_synthesizer):
    def said(**options):
        speech = tiny_synthesizer.speak("Nguyen, on 3/4/2025", Delivery(**options))
        return "".join(phone.symbol for phone in speech.phones), speech.words[2].text

    phones, month = said()
    other, april = said(lexicon=Lexicon.of({"Nguyen": "zuː"}), reading=TextOptions(day_first=True))
    assert (month, april) == ("March", "April")
    assert other.startswith("zu")
    assert not phones.startswith("zu")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[pace:9]a[/pace]", "pace must be from 0.25 to 4, got 9"),
        ("<speak>a", "the SSML ends before </speak>"),
        ("[[ˈæ漢]]", "no such phone: 漢"),
    ],
)
def test_wrong_markup_is_refused_at_the_door(tiny_synthesizer, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        tiny_synthesizer.stream(text)


def test_a_sentence_that_comes_twice_sounds_different_each_time(tiny_synthesizer):
    """Each utterance of a text has noise of its own, for its prosody and for its sound."""
    line = line_of("hˈɛlO wˈɜɹld")
    first, second = (tiny_synthesizer.plan(line, Delivery(), index) for index in (0, 1))
    assert first.seed != second.seed
    assert not np.allclose(first.tokens.prosody, second.tokens.prosody)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_piece_waits_for_all_the_mel_that_reaches_it_and_for_no_more(tiny_synthesizer, steps):
    delay, lacking = tiny_synthesizer.runtime.sound_delay, 0
    for task in tiny_synthesizer.events(" ".join(TEXTS[1:2] * 4), Delivery(steps=steps)):
        if isinstance(task, RenderTask):
            tiny_synthesizer.render([task])
            vocoded = task.progress.vocoded
            assert vocoded == min(task.stop + delay, task.plan.frames)
            lacking += vocoded < task.plan.frames
    assert lacking


@pytest.mark.parametrize("number", [-1, 2, 5])
def test_an_utterance_that_is_not_there_is_refused(tiny_synthesizer, number):
    with pytest.raises(ValueError, match=f"utterance must be .*, got {number}"):
        list(tiny_synthesizer.stream("One. Two.", utterance=number))


@pytest.mark.parametrize("device", ["gpu", "", "meta", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(device):
    with pytest.raises(ValueError, match=f"this machine has no device '{device}'; use cpu"):
        load(device=device)


def test_a_synthesizer_is_shown_in_one_line(tiny_synthesizer):
    assert repr(tiny_synthesizer) == "<Synthesizer: 2 voices, 24000 Hz, torch float32 on cpu>"


def test_each_part_of_a_text_sounds_as_in_its_voice(tiny_synthesizer):
    text = "One. [voice:michael]Two.[/voice] [voice:heart+michael]Three.[/voice] Four."
    pieces = list(tiny_synthesizer.stream(text, low_latency=False))
    for utterance, voice in enumerate(("heart", "michael", "heart+michael", "heart")):
        plain = "One. Two. Three. Four."
        alone = tiny_synthesizer.stream(plain, Delivery(voice=voice), utterance, low_latency=False)
        own = [piece for piece in pieces if piece.utterance == utterance]
        for piece, same in zip(own, alone, strict=True):
            np.testing.assert_array_equal(piece.audio, same.audio)
            assert piece.voices in ((), (voice,))
    speech = tiny_synthesizer.speak(text)
    assert speech.voices == ("heart", "michael", "heart+michael")
    assert speech.delivery == Delivery()


def test_a_voice_in_a_text_is_checked_before_any_sound(tiny_synthesizer):
    text = f"{'One. ' * 20}[voice:nobody]Two.[/voice]"
    with pytest.raises(ValueError, match="unknown voice 'nobody'; voices: heart, michael"):
        tiny_synthesizer.stream(text)
