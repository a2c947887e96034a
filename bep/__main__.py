"""`python -m bep` is `bep`."""

from .start import main

main()
