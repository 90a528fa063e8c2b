"""What is compared in speech is the mel map alone."""

import numpy as np
from tts.training.compare.speech import OneProsody

from tts.delivery import Delivery


def test_more_steps_of_the_mel_map_leave_the_prosody_as_it_is(tiny_synthesizer):
    compared = OneProsody(tiny_synthesizer.runtime)
    one, four = (compared.speak("Hello there.", Delivery(steps=steps)) for steps in (1, 4))
    assert one.phones == four.phones
    assert not np.array_equal(one.audio, four.audio)
    assert tiny_synthesizer.speak("Hello there.", Delivery(steps=4)).phones != four.phones
