"""The entry point of `tts`: Ctrl-C ends it quietly also while its modules are imported."""

import sys

EXIT_INTERRUPTED = 130  # as shells report SIGINT


def main() -> None:
    """Run the command `tts` and exit."""
    try:
        from tts.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
