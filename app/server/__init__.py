"""The HTTP server: routes of OpenAI's API, captions, and a WebSocket."""
