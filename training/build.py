"""StageBuilder: reads the data that a run is trained on, and builds its stage."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tts.acoustic.model import AcousticModel
from tts.config import MelConfig
from tts.text.pronounce.symbols import PhonemeTokenizer

from .acoustic.critics import CriticStage
from .acoustic.stage import AcousticStage
from .config import AcousticRun, JointRun, VocoderRun
from .data.crops import RecordingDataset
from .data.dataset import ALL, FeatureDataset, KnownVoices, Selection
from .data.f0 import read_f0
from .data.features import CLIPS
from .data.manifest import read_rows, set_names
from .data.pairs import PairedDataset
from .data.recordings import HELD_OUT, read_recordings
from .data.statistics import Statistics
from .loop.start import first_voices
from .loop.train import Stage
from .vocoder.joint import EndToEnd
from .vocoder.joint_stage import JointStage
from .vocoder.one_step_mels import OneStepMels
from .vocoder.stage import VocoderStage

ALIGNED = ("heart", "michael", "many")


@dataclass(frozen=True)
class StageBuilder:
    """Builds the stage of a run from a corpus, features and the names of sets.

    Args:
        corpus: folder of manifests; read for runs with a vocoder.
        features: folder that `prepare` wrote.
        sets: names of the training sets; those of the kind of run if empty.
        held_out: names of the validation sets, at least one.
        device: device of the models and of the training clips.

    Raises:
        ValueError: there is no held-out set.
    """

    corpus: Path
    features: Path
    sets: Sequence[str]
    held_out: Sequence[str]
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name in ("sets", "held_out"):
            object.__setattr__(self, name, set_names(getattr(self, name)))
        if not self.held_out:
            raise ValueError("no held-out set; name at least one with --held-out")

    def build(self, run: AcousticRun | VocoderRun | JointRun) -> Stage:
        """Read the data of a run and build its stage.

        Args:
            run: a run; its voices and sets are completed from the data.

        Returns:
            The stage, whose `run` is the completed one.

        Raises:
            FileNotFoundError: a manifest, recordings, features or a checkpoint are missing.
            ValueError: they are damaged, or do not fit the run.
        """
        if isinstance(run, JointRun):
            return self._joint(run)
        return self._acoustic(run) if isinstance(run, AcousticRun) else self._vocoder(run)

    def _acoustic(self, run: AcousticRun) -> AcousticStage:
        """The stage of an acoustic model.

        Its voices are those of its start checkpoint and those of its clips. Without a start, the
        voices of the recipe come first, but only those that have clips.
        """
        symbols, voices = PhonemeTokenizer(inventory=run.model.symbols), first_voices(run)
        sets = tuple(self.sets or ALIGNED)
        folders = [self.features / name for name in sets]
        corpus = FeatureDataset(folders, symbols, voices, selection=run.selection)
        heard = {clip.voice for clip in corpus.clips}
        if run.start is None and not heard.issuperset(voices):
            known = [voice for voice in voices if voice in heard]
            corpus = FeatureDataset(folders, symbols, known, selection=run.selection)
        _check_convention(run, corpus)
        run = replace(run, sets=sets, model=replace(run.model, voices=corpus.voices))
        held_out = {
            name: FeatureDataset([self.features / name], symbols, corpus.voices, corpus.statistics)
            for name in self.held_out
        }
        stage = CriticStage if run.critic_channels else AcousticStage
        return stage(run, corpus, held_out, self.device)

    def _vocoder(self, run: VocoderRun) -> VocoderStage:
        sets = tuple(self.sets or (*ALIGNED, "kathleen"))
        recordings = self._recordings(run.model.mel, sets, "train")
        held_out = self._recordings(run.model.mel, self.held_out, HELD_OUT)
        if run.predicted < 1 and run.acoustic is not None:
            recordings.set_one_step_mels(self._predicted(run, run.acoustic, sets).compute())
        return VocoderStage(replace(run, sets=sets), recordings, held_out, self.device)

    def _joint(self, run: JointRun) -> JointStage:
        """The stage of a joint run.

        Copies are made of all clips; speech only of clips in the model's voices and convention.
        """
        generator = EndToEnd.load(run)
        model = generator.acoustic
        sets = tuple(self.sets or (*ALIGNED, "kathleen"))
        conventions, voices = (model.config.convention,), model.config.voices
        selection = KnownVoices(conventions=conventions, voices=voices)
        pairs = self._pairs(model, sets, self._aligned(run, sets), "train", selection)
        judges = self._aligned(run, self.held_out, "--held-out")
        held_out = self._pairs(model, self.held_out, judges, HELD_OUT, ALL)
        return JointStage(replace(run, sets=sets), generator, pairs, held_out, self.device)

    def _pairs(
        self,
        model: AcousticModel,
        sets: Sequence[str],
        aligned: Sequence[str],
        split: str,
        selection: Selection,
    ) -> PairedDataset:
        """Recordings of all the sets, with features of those sets that are aligned."""
        folders = [self.features / name for name in aligned]
        symbols, statistics = PhonemeTokenizer(inventory=model.config.symbols), Statistics.of(model)
        corpus = FeatureDataset(folders, symbols, model.config.voices, statistics, selection)
        return PairedDataset(corpus, self._recordings(model.config.mel, sets, split))

    def _predicted(self, run: VocoderRun, acoustic: str, sets: Sequence[str]) -> OneStepMels:
        folders = [self.features / name for name in self._aligned(run, sets)]
        return OneStepMels(acoustic=Path(acoustic), features=folders, floor=run.model.mel.floor)

    def _aligned(
        self, run: VocoderRun | JointRun, sets: Sequence[str], option: str = "--sets"
    ) -> Sequence[str]:
        """Those of the sets whose clips all have phones and ends; they must have features."""
        aligned = [name for name in sets if self._is_aligned(name)]
        if not aligned:
            other = ", or do without: --set predicted=1" if isinstance(run, VocoderRun) else ""
            raise ValueError(
                f"run {run.name} needs a set with phones and ends of every clip, and none of "
                f"{', '.join(sets)} has them; add one to {option}{other}"
            )
        if lacking := [name for name in aligned if not (self.features / name / CLIPS).is_file()]:
            raise FileNotFoundError(
                f"no features of set {lacking[0]} in {self.features}; run `tts training prepare`, "
                f"or leave it out of {option}"
            )
        return aligned

    def _is_aligned(self, name: str) -> bool:
        rows = read_rows(self.corpus / f"{name}.jsonl")
        return all(row.get("phones") and row.get("ends") for row in rows)

    def _recordings(self, config: MelConfig, sets: Sequence[str], split: str) -> RecordingDataset:
        clips = [clip for name in sets for clip in read_recordings(self.corpus, name, split)]
        ids = Counter(clip.id for clip in clips)
        if twice := [id for id, count in ids.items() if count > 1]:
            raise ValueError(
                f"several clips of {', '.join(sets)} have the id {twice[0]!r}; rename all but one"
            )
        f0 = {id: row for name in sets for id, row in read_f0(self.features / name).items()}
        return RecordingDataset(clips, config, f0)


def _check_convention(run: AcousticRun, corpus: FeatureDataset) -> None:
    """Refuse clips whose phonemes are of another convention than the model's front end."""
    own = run.model.convention
    found = Counter(clip.convention for clip in corpus.clips[: corpus.clip_count])
    if others := [name for name in found if name != own]:
        raise ValueError(
            f"the model of run {run.name} has convention {own}, but {found[others[0]]} of its "
            f"{corpus.clip_count} clips have {others[0]}; set selection.conventions or "
            "model.convention"
        )
