"""How models come to be. Imports tts; nothing here is needed to speak."""
