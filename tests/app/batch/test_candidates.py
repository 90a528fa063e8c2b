"""Candidates of an item: how many are made, which is kept, and how that is told."""

from dataclasses import replace

import numpy as np
import pytest
from tts.app.batch.candidates import Candidate, best, explain_choices, make_candidates, seeded
from tts.app.batch.item import BatchItem, derive_seed, item_key
from tts.app.batch.quality import measure_quality
from tts.app.batch.rows import gain, improved
from tts.app.batch.worker import JobConfig, Worker

from tests.app.batch.test_run import models as models
from tts.best_of.choice import Choice
from tts.delivery import Delivery
from tts.speech import Speech

ITEM = BatchItem(id="1", text="Two sentences. Here they are.", delivery=Delivery(seed=3), line=1)


def candidate(item=ITEM, troubles=(), mos=None, wer=None):
    audio = np.full(2400, 0.1, np.float32)
    speech = Speech(audio=audio, sample_rate=24_000, phones=(), delivery=item.delivery)
    heard = {"distillmos": mos, "wer": wer, "heard": None}
    return Candidate(speech, measure_quality(speech, item.text), heard, tuple(troubles))


@pytest.mark.parametrize(
    ("best_of", "retries", "good", "count"),
    [
        (1, 0, None, 1),
        (1, 2, None, 3),
        (1, 2, 0, 1),
        (1, 2, 1, 2),
        (4, 0, None, 4),
        (4, 2, 0, 4),
        (4, 2, 2, 4),
        (4, 2, 4, 5),
        (4, 2, None, 6),
    ],
)
def test_so_many_are_made_and_more_only_while_the_best_has_problems(best_of, retries, good, count):
    """`good` is the number of the only candidate that has none."""
    seeds = [ITEM.delivery.seed, *(derive_seed(3, ITEM.text, 0, number) for number in range(1, 6))]

    def make(item):
        number = seeds.index(item.delivery.seed)
        return candidate(item, () if number == good else ("it is silent",))

    made = make_candidates(ITEM, make, best_of, retries)
    assert [one.speech.seed for one in made] == seeds[:count]
    assert best(made) is made[good or 0]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"troubles": ("a", "b"), "mos": 5.0}, {"troubles": ("a",), "mos": 1.0, "wer": 9.0}),
        ({"mos": 3.0}, {"mos": 3.1}),
        ({"wer": 0.2}, {"wer": 0.1}),
    ],
)
def test_fewest_problems_count_first_and_of_equals_the_first_is_kept(worse, better):
    first, second = candidate(**worse), candidate(**better)
    assert best([first, second]) is second
    assert best([second, first]) is second
    twins = [candidate(**better), candidate(**better)]
    assert best(twins) is twins[0]


def test_a_choice_between_items_is_explained():
    made = [candidate(seeded(ITEM, number), mos=3 + number % 2) for number in range(3)]
    (choice,) = explain_choices(made)
    assert (choice["judge"], choice["chosen"], choice["utterance"]) == ("checks", 1, None)
    assert choice["scores"] == [3, 4, 3]
    assert choice["seed"] == choice["seeds"][1] == derive_seed(3, ITEM.text, 0, 1)
    assert choice["why"].startswith("candidate 2 of 3 (seed ")
    assert explain_choices(made[:1]) == []


def test_the_choices_of_sentences_and_the_one_between_retries_are_told():
    scores = {"fit": 0.5}, {"fit": 0.75}
    found = Choice(utterance=0, judge="ensemble", seeds=(1, 2), scores=scores, chosen=1)
    bad, good = candidate(troubles=("it is silent",)), candidate(seeded(ITEM, 1))
    good = replace(good, speech=replace(good.speech, choices=(found,)))
    told = explain_choices([bad, good])
    assert [(choice["utterance"], choice["judge"]) for choice in told] == [
        (0, "ensemble"),
        (None, "checks"),
    ]
    assert told[1]["seeds"] == [bad.speech.seed, good.speech.seed]


@pytest.fixture(scope="module")
def worker(models):
    return Worker(JobConfig(**models, rolls=0))


def test_each_sentence_is_chosen_and_its_row_tells_how_to_make_it_again(worker):
    item = replace(ITEM, delivery=replace(ITEM.delivery, best_of=3))
    (made,) = worker([item])
    choices = made.row["choices"]
    assert [choice["utterance"] for choice in choices] == [0, 1]
    assert all(len(set(choice["seeds"])) == len(choice["scores"]) == 3 for choice in choices)
    seeds = tuple((choice["utterance"], choice["seed"]) for choice in choices)
    again = replace(ITEM, delivery=replace(ITEM.delivery, other_seeds=seeds))
    (alone,) = worker([again])
    assert alone.files == made.files
    assert "choices" not in alone.row


def test_checks_choose_between_whole_items(models, worker):
    item = replace(ITEM, delivery=replace(ITEM.delivery, best_of=3))
    (made,) = Worker(JobConfig(**models, rolls=0, judge="checks"))([item])
    (choice,) = made.row["choices"]
    assert choice["seeds"] == [seeded(ITEM, number).delivery.seed for number in range(3)]
    assert made.row["seed"] == choice["seed"]
    assert len(made.row["rolls"]) == 2
    alone = replace(ITEM, delivery=replace(ITEM.delivery, seed=choice["seed"]))
    assert worker([alone])[0].files == made.files


def test_candidates_and_their_judge_are_part_of_the_key(models):
    usual, other = JobConfig(**models), JobConfig(**models, judge="checks")
    eight = replace(ITEM, delivery=replace(ITEM.delivery, best_of=8))
    told = [config.key_fields("model") for config in (usual, other)]
    assert len({item_key(eight, order) for order in told}) == 2
    assert len({item_key(ITEM, order) for order in told}) == 1, "nothing is chosen there"
    assert "judge" not in told[0], "finished items of older batches keep their keys"


def test_an_unknown_judge_is_refused():
    known = "ensemble, distillmos, dnsmos, checks"
    with pytest.raises(ValueError, match=f"judge must be one of {known}; got 'nobody'"):
        JobConfig(judge="nobody")


def test_the_largest_gains_are_listed_first():
    def row(name, *choices):
        found = [{"chosen": chosen, "scores": scores} for chosen, scores in choices]
        return {"id": name, "choices": found}

    rows = [
        row("none", (0, [1.0, 0.0])),
        row("small", (1, [1.0, 1.5])),
        row("large", (1, [1.0, 1.5]), (2, [0.0, 0.1, 0.2])),
        {"id": "alone"},
    ]
    assert [gain(each) for each in rows] == pytest.approx([0, 0.5, 0.7, 0])
    assert [each["id"] for each in improved(rows)] == ["large", "small"]
