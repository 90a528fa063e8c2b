"""Speed, memory and size of this project and of other small systems, measured in turn."""
