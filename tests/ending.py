"""python -m tests.ending TIMES COMMAND ...: an app whose texts are read for ever.

What `tts.app.network.shutdown` waits takes so many times as long, so that a test need not wait
for it.
"""

import sys

from tts.app.__main__ import WARMUP_TEXT, app
from tts.app.network import shutdown

from tts import synthesis


def main() -> None:
    times = float(sys.argv[1])
    shutdown.EXIT_TIMEOUT_SECONDS *= times
    shutdown.GRACE_SECONDS *= times
    shutdown.BROKEN_OFF *= times
    prepare_utterances = synthesis.prepare_utterances

    def endless(text: str, *options: object):
        while text != WARMUP_TEXT:  # at work, as a text with a fault in its reading is
            pass
        return prepare_utterances(text, *options)

    synthesis.prepare_utterances = endless
    app(sys.argv[2:])


if __name__ == "__main__":
    main()
