import json

import numpy as np
import soundfile
import torch
from tts.training.evaluation.judge import CLIPS_A_VOICE, everyone
from tts.training.evaluation.speaker_encoder import SpeakerEncoder

RATE = 24_000


class HearsAllAlike(SpeakerEncoder):
    def embed(self, audio):
        return torch.nn.functional.normalize(torch.ones(256), dim=0).numpy()


def test_blends_are_no_other_voices_and_of_others_some_clips_are_heard(tmp_path, monkeypatch):
    monkeypatch.setattr("tts.training.evaluation.judge.load_speaker_encoder", HearsAllAlike)
    sound = 0.1 * np.random.default_rng(0).standard_normal(4800)
    soundfile.write(tmp_path / "a.wav", sound, RATE)
    voices = {
        "val": ["heart", "michael"],
        "many": ["sky", "blend07", *["echo"] * (CLIPS_A_VOICE + 2), "blender"],
    }
    for name, speakers in voices.items():
        rows = [
            {"id": f"{voice}{index}", "voice": voice, "audio": "a.wav", "text": "Oh."}
            | {"phones": "O", "ends": [100, 4000, 4800], "g2p": "misaki"}
            for index, voice in enumerate(speakers)
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = everyone(tmp_path, ("heart",))
    counts = {voice: len(clips) for voice, clips in found.items()}
    assert counts == {"heart": 1, "sky": 1, "echo": CLIPS_A_VOICE, "blender": 1}
