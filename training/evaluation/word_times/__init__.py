"""How far the times of words are from where aligners hear them."""
