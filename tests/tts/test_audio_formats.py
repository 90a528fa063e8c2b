import subprocess
import sys
from pathlib import Path

from tts.audio import SOUNDFILE_FORMATS
from tts.audio_formats import AUDIO_FORMATS

NEW = """
import sys
from tts.audio_formats import AUDIO_FORMATS, AudioFormat

assert "av" not in sys.modules and "torch" not in sys.modules
AUDIO_FORMATS["aiff"] = AudioFormat(
    name="aiff",
    media_type="audio/aiff",
    container="aiff",
    codec="pcm_s16be",
    soundfile=("AIFF", "PCM_16"),
    streamed=True,
    batched="items",
)

import numpy as np
from tts.app.batch.audio.encode import encode_audio
from tts.app.batch.audio.format import ITEM_FORMATS, OUTPUT_FORMATS, OutputFormat
from tts.app.encoding import ENCODERS
from tts.app.server.settings import RESPONSE_FORMATS
from tts.audio import SOUNDFILE_FORMATS

assert "aiff" in ITEM_FORMATS and "aiff" in OUTPUT_FORMATS and "aiff" in RESPONSE_FORMATS
assert SOUNDFILE_FORMATS[".aiff"] == ("AIFF", "PCM_16")
encoder = ENCODERS["aiff"](24_000)
streamed = encoder.add(np.ones(2400, np.int16)) + encoder.end()
written = encode_audio(np.zeros(2400, np.float32), 24_000, OutputFormat(format="aiff"))
assert streamed[:4] == written[:4] == b"FORM"
"""


def test_a_format_is_one_entry():
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", NEW], cwd=root, check=True)


def test_a_name_is_an_ending():
    assert all(name == known.name for name, known in AUDIO_FORMATS.items())
    assert [suffix[1:] for suffix in SOUNDFILE_FORMATS] == [
        name for name, known in AUDIO_FORMATS.items() if known.soundfile
    ]


def test_every_format_is_written_by_something():
    for known in AUDIO_FORMATS.values():
        assert known.soundfile or known.streamed or known.batched, known.name
