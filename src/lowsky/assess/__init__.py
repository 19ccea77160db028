"""What the picture means for protected places: who may enter which, when, and the life of the warnings."""
