"""Orders of the market's processes: start them, apply what happens, send what they ask."""
