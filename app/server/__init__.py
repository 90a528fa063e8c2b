"""The HTTP server: the routes of the OpenAI API, captions, and a WebSocket."""
