"""The lengths of pauses in seconds, from a break within a sentence to the end of a chapter.

They were chosen by hand and are not tuned. `tts.Delivery.pauses` scales all of them.
"""

BREATH_PAUSE_SECONDS = 0.1  # between the parts of a sentence that is too long for one utterance
ITEM_PAUSE_SECONDS = 0.2  # before an item of a list
SENTENCE_PAUSE_SECONDS = 0.25
HEADING_PAUSE_SECONDS = 0.5
PARAGRAPH_PAUSE_SECONDS = 0.6

# After the last paragraph of a scene or a chapter, in a book.
SCENE_PAUSE_SECONDS = 1.2
CHAPTER_PAUSE_SECONDS = 2.0
