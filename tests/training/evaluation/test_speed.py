from tts.training.evaluation.speed import measure

from tts.torch_checkpoint import save_checkpoint


def test_rounds_before_it_is_warm_do_not_count(tiny_acoustic, tiny_vocoder, tmp_path, monkeypatch):
    paths = [tmp_path / f"{name}.safetensors" for name in ("acoustic", "vocoder")]
    for model, path in zip((tiny_acoustic, tiny_vocoder), paths, strict=True):
        save_checkpoint(model, path, {})
    monkeypatch.setattr("tts.training.evaluation.speed.WARMING", 1)
    monkeypatch.setattr("tts.training.evaluation.speed.ROUNDS", 2)
    monkeypatch.setattr("tts.training.evaluation.speed.SENTENCE", "Oh.")
    rounds, _ = measure(*paths, "heart", 1)
    assert len(rounds) == 2
    assert all(one.arrivals and sum(one.seconds) > 0 for one in rounds)
