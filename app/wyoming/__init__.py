"""A server of Home Assistant's Wyoming protocol."""
