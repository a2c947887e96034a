"""Tools for writing and keeping Backend.AI Enhancement Proposals (BEPs).

Three floors, and imports go down only: `tasks` and `program`, then `operations`,
then `model` (values in, values out) beside `outside` (Git, files, Copier).
"""

__version__ = "1.0.0"
