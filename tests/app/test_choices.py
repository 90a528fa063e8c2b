import json

from tts.app.choices import choices_json

from tts.best_of.choice import Choice


def test_a_choice_is_told_as_json():
    scores = ({"fit": 0.25, "pace": -0.1}, {"fit": 0.5, "pace": 0.0}, {"fit": 0.1, "pace": 0.0})
    choice = Choice(utterance=2, judge="ensemble", seeds=(5, 7, 9), scores=scores, chosen=1)
    (shown,) = json.loads(json.dumps(choices_json([choice])))
    why = shown.pop("why")
    assert shown == {
        "utterance": 2, "judge": "ensemble", "chosen": 1, "seed": 7, "seeds": [5, 7, 9],
        "scores": [0.15, 0.5, 0.1],
    }  # fmt: skip
    assert why.startswith("candidate 2 of 3 (seed 7)"), "the number of the sentence is a field"
