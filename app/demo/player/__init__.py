"""The page's player: its panel, the routes that it calls, and the takes."""
