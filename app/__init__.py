"""The applications: batches, the web page, the HTTP and Wyoming servers. The speech is `tts`'s."""
