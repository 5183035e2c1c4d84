"""The demo: a newsroom on loopback whose pages are invented, so that a first run works on any machine."""
