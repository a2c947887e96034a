"""`python -m bep` is `bep`."""

from .program import main

main()
