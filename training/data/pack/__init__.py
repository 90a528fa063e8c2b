"""Features and recordings in few bytes, to be carried to another machine."""
