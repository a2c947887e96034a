"""The tasks that users get, by `bep TASK` and by `invoke TASK`.

They only translate: arguments to operations, results to text. Operations are imported inside the
tasks, so that `--help` answers at once.
"""

from __future__ import annotations

from invoke.collection import Collection

from .check import check
from .context import context, search
from .lifecycle import ask, decide, mark
from .registry import list_, renumber, retitle, sync
from .review import review
from .segments import add_document, segment
from .share import issue, status, submit
from .start import init, new, reserve, unreserve
from .update import adopt, update

namespace = Collection(
    init,
    reserve,
    unreserve,
    new,
    renumber,
    retitle,
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
    issue,
    submit,
    review,
    status,
)
