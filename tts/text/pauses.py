"""Seconds of silence, by what comes before it: from a breath within a sentence to the end of a
chapter.

A delivery can make all of them longer or shorter (`tts.speech.Delivery.pauses`).
"""

BREATH_PAUSE_SECONDS = 0.1  # within a sentence that is too long to be said at once
ITEM_PAUSE_SECONDS = 0.2  # before an item of a list
SENTENCE_PAUSE_SECONDS = 0.25
HEADING_PAUSE_SECONDS = 0.5
PARAGRAPH_PAUSE_SECONDS = 0.6

# After the last paragraph of each, in a book.
SCENE_PAUSE_SECONDS = 1.2
CHAPTER_PAUSE_SECONDS = 2.0
