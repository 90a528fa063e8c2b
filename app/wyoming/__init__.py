"""Speech for Home Assistant, by the Wyoming protocol."""
