"""The progress of long work, on stderr."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Work that takes less time needs no bar.
_SECONDS = 1


class ProgressBar:
    """A bar with the time that is left; it appears after a second, and can be taken away."""

    def __init__(self, total: int) -> None:
        self._total, self._begun = total, monotonic()
        self._drawn: tuple[Progress, TaskID] | None = None

    def show(self, done: int) -> None:
        """Show that so many parts are done."""
        if self._drawn is None:
            if monotonic() - self._begun < _SECONDS:
                return
            self._drawn = self._new(done)
        progress, bar = self._drawn
        progress.start()
        progress.update(bar, completed=done, refresh=True)

    def remove(self) -> None:
        """Take it from the terminal, until it is shown again."""
        if self._drawn:
            self._drawn[0].stop()

    def _new(self, done: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            auto_refresh=False,
            transient=True,
        )
        return progress, progress.add_task("", total=self._total, completed=done)
