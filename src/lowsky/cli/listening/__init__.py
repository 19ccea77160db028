"""Which sources speak, how much and how well: what `lowsky listen` shows."""
