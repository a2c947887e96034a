"""Tools for writing and keeping Backend.AI Enhancement Proposals (BEPs).

A package for each subject; imports go down only (`docs/architecture.md` has the picture).
"""

__version__ = "1.0.0"
