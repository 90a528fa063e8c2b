from tts.app.demo.player.take import Take

from tts.delivery import Delivery


def test_another_take_of_a_line_keeps_those_of_the_other_lines():
    delivery = Delivery(seed=5, other_seeds=((0, 9), (3, 7)))
    take = Take(text="", delivery=delivery, lines=())
    assert take.another(2).other_seeds == ((0, 9), (2, 6), (3, 7))
    assert take.another(3).other_seeds == ((0, 9), (3, 8))
