"""The choice of a candidate in one sentence."""

from tts.best_of.choice import Choice


def choice(chosen, *scores):
    seeds = tuple(range(10, 10 + len(scores)))
    return Choice(utterance=2, judge="ensemble", seeds=seeds, scores=scores, chosen=chosen)


def test_another_candidate_is_compared_with_the_first():
    made = choice(1, {"fit": 0.5, "pace": -0.1}, {"fit": 0.6, "pace": 0.3}, {"fit": 0, "pace": 0})
    assert made.seed == 11
    assert made.explanation == (
        "utterance 2: candidate 2 of 3 (seed 11), 0.90 by ensemble; the first has 0.40, "
        "mostly for pace"
    )


def test_the_first_candidate_is_compared_with_the_next_best():
    made = choice(0, {"dnsmos": 3.2}, {"dnsmos": 3.0}, {"dnsmos": 3.1})
    assert made.explanation == (
        "utterance 2: candidate 1 of 3 (seed 10), 3.20 by ensemble; the next best has 3.10"
    )
    assert choice(1, {"dnsmos": 3}, {"dnsmos": 4}).explanation.endswith("the first has 3.00")
