"""Lists and books into audio: what `app.batch` is made of."""
