"""`python -m bep` is `bep`."""

from .entry_point import main

main()
