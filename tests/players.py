"""A program on PATH in the place of one that plays sound."""

import sys

PLAYED = "played"  # the file that keeps what it was given


def fake_player(folder, name, monkeypatch, script="exec /bin/cat > {played}"):
    """Make a shell script the only player there is; it writes its input, or does something else.

    Returns:
        The file that it writes to.
    """
    programs, played = folder / "programs", folder / PLAYED
    programs.mkdir(exist_ok=True)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setitem(sys.modules, "sounddevice", None)  # as where it is not installed
    if name:
        program = programs / name
        program.write_text(f"#!/bin/sh\n{script.format(played=played)}\n", encoding="utf-8")
        program.chmod(0o755)
    return played
