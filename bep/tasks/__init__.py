"""The tasks that users get, by `bep TASK` and by `invoke TASK`.

They only translate: arguments to operations, results to text. Operations are imported inside the
tasks, so that `--help` answers at once.
"""

from __future__ import annotations

from invoke.collection import Collection

from .checking import check
from .living import ask, decide, mark
from .numbering import list_, renumber, sync
from .reading import context, search
from .revising import adopt, update
from .segmenting import add_document, segment
from .starting import init, new, reserve, unreserve

namespace = Collection(
    init,
    reserve,
    unreserve,
    new,
    renumber,
    list_,
    search,
    context,
    update,
    adopt,
    check,
    mark,
    ask,
    decide,
    sync,
    segment,
    add_document,
)
