"""Bytes that no site would send, and what must hold of every answer to them.

answers   one input to the cleaner, its answer examined
pages     pages by chance: grammar, names from rules.toml, odd encodings
data      JSON-LD, script state and streams by chance
mutate    a page changed at its tags and values
shapes    constructs whose cost may grow faster than they do
"""
