"""python -m tests.ending SECONDS PATIENCE COMMAND ...: an app whose texts are read for ever.

Two numbers take the place of those in `app.shutdown`, so that a test need not wait for these.
"""

import sys

from app import shutdown
from app.__main__ import WARMING, app
from tts import synthesis


def main() -> None:
    shutdown.SECONDS, shutdown.PATIENCE = map(float, sys.argv[1:3])
    script = synthesis.script

    def endless(text: str, *options: object):
        while text != WARMING:  # at work, as a text with a fault in its reading is
            pass
        return script(text, *options)

    synthesis.script = endless
    app(sys.argv[3:])


if __name__ == "__main__":
    main()
