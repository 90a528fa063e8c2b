"""What the player gets while speech is made: messages in order, each an object of JSON.

1. For each piece of sound `{"piece": 0, "take": ..., "rate": 24000, "utterance": 0, "sound": ...,
   "words": [[0, 2, 0.05, 0.21], ...]}`. Pieces are numbered from 0 without gaps, `sound` is 16-bit
   little-endian samples in base64, and a word is its start and end in the text, and in seconds from
   the first piece.
2. After the first piece of a text `{"sheet": ...}`, the HTML of its words.
3. At the end `{"pieces": 12, "take": ..., "stats": ...}` with the number of pieces and HTML about
   the speed; or else `{"error": ...}`.

`take` is the identifier of the take that holds the sound; of a sentence that is spoken again, the
pieces have none, and the end has that of a new take.
"""

from base64 import b64encode
from collections.abc import AsyncGenerator
from typing import Any

from tts.audio import pcm16
from tts.speech import Speech
from tts.text.language_warnings import language_warnings

from ..handlers import DemoHandlers, pieces_of
from ..html import sheet
from ..progress import StreamProgress
from ..request import DemoRequest
from .take import Take
from .take_store import TakeStore

Message = dict[str, Any]
Messages = AsyncGenerator[Message, None]


async def speak_text(studio: DemoHandlers, takes: TakeStore, wanted: DemoRequest) -> Messages:
    """Speak a text, and keep what was made of it as a take, even if it is stopped.

    The text on the right and the warnings come after the first piece, so as not to delay it.
    """
    progress = studio.progress()
    take, name = Take.of(wanted.text, wanted.delivery, []), None
    with studio.start(wanted) as reply:
        async for piece in pieces_of(reply, progress):
            take = take.with_piece(piece)
            name = takes.put(take, name)
            yield _piece_message(progress, piece) | {"take": name}
            if len(progress.pieces) == 1:
                yield {"sheet": sheet(wanted.text)}
                progress.warnings = await studio.read(lambda: language_warnings(wanted.text))
    yield _end_message(progress, "Made") | {"take": name}


async def speak_line(studio: DemoHandlers, takes: TakeStore, take: Take, line: int) -> Messages:
    """Speak one sentence of a take with its next seed, and keep the changed take as a new one."""
    delivery, progress = take.another(line), studio.progress()
    request = DemoRequest(take.text, delivery)
    with studio.start(request, utterance=line) as reply:
        async for piece in pieces_of(reply, progress):
            yield _piece_message(progress, piece)
    name = takes.put(take.with_line(delivery, Speech.join(progress.pieces)))
    caption = f"This sentence with seed {delivery.seed_of(line)}:"
    yield _end_message(progress, caption) | {"take": name}


def _piece_message(progress: StreamProgress, piece: Speech) -> Message:
    sound = pcm16(piece.audio).astype("<i2", copy=False).tobytes()
    return {
        "piece": len(progress.pieces) - 1,
        "rate": piece.sample_rate,
        "utterance": piece.utterance,
        "sound": b64encode(sound).decode(),
        "words": [[*word.span, round(word.start, 3), round(word.end, 3)] for word in piece.words],
    }


def _end_message(progress: StreamProgress, caption: str) -> Message:
    return {"pieces": len(progress.pieces), "stats": progress.stats_html(caption)}
