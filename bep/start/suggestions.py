"""What a repository suggests as answers: the defaults of the questionnaire.

A default may depend on its surroundings; a document may not. So all of this is stored as answers.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from pathlib import Path

from ..errors import BepError
from ..questionnaire import product_version
from ..system import git_process, repository as repositories
from ..system.repository import Repository
from ..system.settings import Settings
from . import author, held_numbers, reserved_numbers
from .author import Author
from .reserved_numbers import Reserved, folded


class Suggestions:
    """What the repository at `place` suggests; each value is read once, when it is asked for.

    Where `place` is in no repository, the values are those of an empty one: Copier replays
    questionnaires in temporary folders.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._reservations: dict[int, Reserved] = {}

    @cached_property
    def repository(self) -> Repository:
        """The repository at `place`; raises BepError if `place` is in none."""
        return repositories.find(self._place)

    @cached_property
    def _found(self) -> Repository | None:
        try:
            return self.repository
        except BepError:
            return None

    @property
    def is_in_repository(self) -> bool:
        """Whether `place` is in a repository, even one that cannot be used."""
        try:
            return git_process.repository(self._place) is not None
        except BepError:
            # There is no such folder yet.
            return False

    @cached_property
    def settings(self) -> Settings:
        """The repository's settings; outside a repository, the defaults."""
        return self._found.settings if self._found else Settings()

    @cached_property
    def _reserved(self) -> Reserved | None:
        """The reservation that the current branch names and that has no document yet."""
        return reserved_numbers.reserved_by_branch(self._found) if self._found else None

    @cached_property
    def number(self) -> int:
        """The number that the branch is for, else the next free one."""
        if self._found is None:
            return self.settings.first_number
        return self._reserved.number if self._reserved else held_numbers.next_number(self._found)

    @property
    def title(self) -> str:
        """The title with which the branch's number is reserved, '' without a reservation."""
        return self._reserved.title if self._reserved else ""

    @cached_property
    def _user(self) -> Author:
        """The author as Git knows them."""
        return author.suggested(self._found, self._place)

    def author_name(self, number: object, title: object) -> str:
        """The person for whom the number is reserved, if title or branch fit; else Git's user."""
        return self._author(number, title).name

    def author_email(self, number: object, title: object, name: str) -> str:
        """The address of that person if `name` is theirs, else that of Git's user."""
        found = self._author(number, title)
        return (found if found.name == name else self._user).address

    def _author(self, number: object, title: object) -> Author:
        if self._found is None or not isinstance(number, int):
            return self._user
        if number not in self._reservations:
            self._reservations[number] = reserved_numbers.reserved(self._found, number)
        found = self._reservations[number]
        is_branchs = self._reserved is not None and self._reserved.number == number
        # The number itself may be somebody else's, and is refused then.
        is_meant = is_branchs or folded(str(title)) == folded(found.title)
        if not is_meant or found.author.casefold() == self._user.name.casefold():
            return self._user
        return author.reserved_for(self._found, found.author) or self._user

    @cached_property
    def created_version(self) -> str:
        """The version of the product, '' if it is not known."""
        if self._found is None:
            return ""
        try:
            content = self._found.read(self._found.root / self.settings.version_file)
        except BepError:
            return ""
        return product_version.from_version_file(content)

    @property
    def created(self) -> str:
        """Today."""
        return dt.datetime.now().astimezone().date().isoformat()
