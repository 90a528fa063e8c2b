"""python -m tts: the `tts` command from a checkout."""

from tts.cli.entry import main

if __name__ == "__main__":
    main()
