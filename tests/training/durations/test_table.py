"""The table of durations."""

from tts.training.durations.table import durations_table


def estimate(value):
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def test_each_model_has_a_row_with_its_speech_if_it_spoke():
    figures = {name: estimate(0.5) for name in ("nats", "score", "deviation", "sentence")}
    speech = [
        {"system": name, "wer": estimate(wer), "distillmos": estimate(4), "dnsmos": estimate(3)}
        for name, wer in (("shipped", 0.04), ("mean", 0.05))
    ]
    table = durations_table(
        {
            "durations": dict.fromkeys(("mean", "classifier", "shipped prosody map"), figures),
            "speech": speech,
        }
    )
    heads, _, mean, classifier, shipped = (
        [cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()
    )
    assert heads[:2] == ["durations", "nats a symbol"]
    assert mean[1] == "0.50 [0.49, 0.51]"
    assert (mean[5], classifier[5], shipped[5]) == ("5.0 [4.0, 6.0]", "", "4.0 [3.0, 5.0]")
