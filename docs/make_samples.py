"""Makes `docs/samples`: each voice in one step, and the reader that it imitates.

Run it in the source tree: python -m docs.make_samples [KOKORO]

KOKORO is a folder with `kokoro-int8.onnx`, `vocab.json` and `voices` of Kokoro-82M (Apache-2.0).
Without it, the samples of the readers stay as they are. The reader of kathleen is a person, whose
recordings are not part of this repository.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile
from tts.training.evaluation.texts import EvaluationText

from benchmarks.peer_systems import KOKORO_VOICES, kokoro
from tts import Delivery, load
from tts.audio import SOUNDFILE_FORMATS
from tts.synthetic_tag import DIGITAL_SOURCE_TYPE

FOLDER = Path(__file__).with_name("samples")
TEXTS = {
    "heart": "On a clear night you can see the harbor lights from here, and count the boats as "
    "they come in.",
    "michael": "Dr. Lee read the letter on March 4th, and then he read it again: the wind had "
    "cost $5.2M.",
    "kathleen": "I was learned from thirty minutes of recordings, and I fit into two megabytes.",
}


def make_ours() -> None:
    """What `tts say TEXT --voice VOICE -o VOICE.opus` writes."""
    synthesizer = load()
    for voice, text in TEXTS.items():
        synthesizer.speak(text, Delivery(voice=voice)).save(FOLDER / f"{voice}.opus")


def make_readers(folder: Path) -> None:
    """Kokoro's speech from the same phonemes, in the same format, marked as synthetic."""
    synthesizer = load()
    for voice, reader in KOKORO_VOICES.items():
        lines = synthesizer.lines(TEXTS[voice], Delivery())
        with TemporaryDirectory() as place:
            phonemes = Path(place, "phonemes.jsonl")
            row = {"id": voice, "parts": [line.phonemes for line in lines]}
            phonemes.write_text(json.dumps(row), encoding="utf-8")
            peer = kokoro(folder, phonemes, voice)
            line = EvaluationText(id=voice, kind="", text=TEXTS[voice], voice=voice)
            audio = peer.start()(line)
        kind, subtype = SOUNDFILE_FORMATS[".opus"]
        path = FOLDER / f"{voice}-reader.opus"
        with soundfile.SoundFile(
            path, "w", peer.sample_rate, 1, format=kind, subtype=subtype
        ) as file:
            file.comment = (
                f"synthetic speech, voice {reader} of Kokoro-82M, "
                f"digitalSourceType={DIGITAL_SOURCE_TYPE}"
            )
            file.write(audio)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    make_ours()
    if folders := sys.argv[1:]:
        make_readers(Path(*folders))
