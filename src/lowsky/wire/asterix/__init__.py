"""ASTERIX, the binary format in which radars, multilateration and trackers speak (EUROCONTROL-SPEC-0149).

`categories/` holds the layout of every category, `description` reads it; `reading` and `writing` turn records into
items and back by it, `walk` and `columns` many records at once into columns; `decoder` makes reports of them.
"""
