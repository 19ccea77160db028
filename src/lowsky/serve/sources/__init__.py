"""Sources: where reports come from. The contract is in `contract`; a new wire format needs a decoder and nothing
else.
"""
