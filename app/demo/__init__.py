"""The web demo, by Gradio."""
