"""The live feed: columns declared once, flat bytes, one queue a client that can never grow."""
