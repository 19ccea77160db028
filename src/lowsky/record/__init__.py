"""The journal: every input of the core in order of consumption; replay, export and query of recordings."""
