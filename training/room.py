"""Where a run finds what it learns from: folders of features, and of recordings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.acoustic_stage import AcousticStage
from training.data import Corpus
from training.f0 import read_f0
from training.loop import Stage
from training.originals import HELD_OUT, read_originals
from training.predicted import Predicted
from training.recordings import Recordings
from training.run import Run, VocoderRun
from training.start import first_voices
from training.vocoder_stage import VocoderStage
from tts.text.symbols import Symbols

ALIGNED = ("heart", "michael", "many")


@dataclass(frozen=True)
class Room:
    """Folders; the sets to learn from (none: those of the recipe), and the held-out ones."""

    corpus: Path
    features: Path
    sets: Sequence[str]
    held_out: Sequence[str]
    device: str = "cpu"

    def stage(self, run: Run | VocoderRun) -> Stage:
        """The stage a run asks for, with its data read."""
        return self._acoustic(run) if isinstance(run, Run) else self._vocoder(run)

    def _acoustic(self, run: Run) -> AcousticStage:
        """The voices of a run are those of its start or recipe, and those of its clips."""
        symbols, voices = Symbols(inventory=run.model.symbols), first_voices(run)
        folders = [self.features / name for name in self.sets or ALIGNED]
        corpus = Corpus(folders, symbols, voices, selection=run.selection)
        run = replace(run, model=replace(run.model, voices=corpus.voices))
        held_out = {
            name: Corpus([self.features / name], symbols, corpus.voices, corpus.statistics)
            for name in self.held_out
        }
        return AcousticStage(run, corpus, held_out, self.device)

    def _vocoder(self, run: VocoderRun) -> VocoderStage:
        sets = self.sets or (*ALIGNED, "kathleen")
        recordings = self._recordings(run, sets, "train")
        held_out = self._recordings(run, self.held_out, HELD_OUT)
        if run.predicted < 1 and run.acoustic is not None:
            recordings.predict(self._predicted(run, run.acoustic, sets).mels())
        return VocoderStage(run, recordings, held_out, self.device)

    def _predicted(self, run: VocoderRun, acoustic: str, sets: Sequence[str]) -> Predicted:
        folders = [self.features / name for name in ALIGNED if name in sets]
        if not folders:
            raise ValueError(
                f"recipe {run.name} learns from one-step mels too, so it needs one of the sets "
                f"{', '.join(ALIGNED)}, not {', '.join(sets)} alone; add one to --sets"
            )
        return Predicted(acoustic=Path(acoustic), features=folders, floor=run.model.mel.floor)

    def _recordings(self, run: VocoderRun, sets: Sequence[str], split: str) -> Recordings:
        clips = [clip for name in sets for clip in read_originals(self.corpus, name, split)]
        f0 = {id: row for name in sets for id, row in read_f0(self.features / name).items()}
        return Recordings(clips, run.model.mel, f0)
