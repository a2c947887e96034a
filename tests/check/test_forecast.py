"""`Forecast`: what texts that are not written yet would add to the findings of `check`."""

from __future__ import annotations

from pathlib import Path

from bep.check.forecast import Forecast
from bep.system import repository as repositories

NAME = "proposals/BEP-1001-event-journal.md"


def test_only_what_is_new_counts_wherever_it_is(repository: Path):
    forecast = Forecast(repositories.find(repository))
    text = (repository / NAME).read_text()
    worse = text.replace("# Event Journal", "# Event Journal\n\n## Motivation\n\n## Motivation\n")

    assert forecast.added(1001, {NAME: text}) == []
    assert forecast.added(1001, {NAME: text.replace("\n## ", "\n\n## ")}) == []
    assert "section-repeated" in forecast.rules(1001, {NAME: worse})
    assert "section-repeated" in forecast.rules(0, {NAME: worse})
    assert forecast.rules(1002, {NAME: worse}) == []
    assert (repository / NAME).read_text() == text


def test_a_rule_that_is_switched_off_counts_too(repository: Path):
    settings = repository / "invoke.yaml"
    settings.write_text(f"{settings.read_text()}  check:\n    title-missing: off\n")
    forecast = Forecast(repositories.find(repository))

    assert "title-missing" in forecast.rules(1001, {NAME: "text\n"})
