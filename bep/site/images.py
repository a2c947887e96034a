"""The images that documents show: read from the working tree, checked, and put on the site."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field

from ..errors import BepError, reason_of
from ..markdown import links
from ..system.repository import Repository
from .addresses import Place
from .markup import Image

FOLDER = "images"
# What a page may load at once; a photograph has a few megabytes.
LARGEST = 5_000_000
# An image of vectors is a document that can have scripts. As a part of the page it runs none.
_LARGEST_VECTORS = 500_000
# What the images of a site, and the vectors of a page, may have together.
_MOST = 200_000_000
_MOST_VECTORS = 2_000_000
_MEGABYTE = 1_000_000
_BEGINNING = 4096
_VECTORS = "svg"
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF8": "gif",
    b"RIFF": "webp",
}
_AVIF = re.compile(rb"....ftypavi[fs]", re.DOTALL)
_SVG = re.compile(
    rb"""(?:\xef\xbb\xbf)? \s*+ (?: <\?xml [^>]*+ > \s*+ )?+
         (?: <!-- (?: (?!-->) . )*+ --> \s*+ | <!DOCTYPE [^>]*+ > \s*+ )*+ <svg [\s>]""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)


@dataclass
class Images:
    """Images of the working tree; `files` are those that the site has, by their addresses."""

    repository: Repository
    files: dict[str, bytes] = field(default_factory=dict)
    _known: dict[str, Image] = field(default_factory=dict)
    _size: int = 0
    _vectors: dict[str, int] = field(default_factory=dict)

    def find(self, destination: str, place: Place) -> Image:
        """The image to which a destination in a document leads, as its page shows it."""
        if links.is_elsewhere(destination):
            return Image(problem="it is at another address, and the site loads nothing from there")
        path = links.resolved(destination, tuple(place.path.split("/")))
        if path is None:
            return Image(problem="it is outside the repository")
        name = "/".join(path)
        if name not in self._known:
            self._known[name] = self._read(name)
        found = self._known[name]
        if found.address.startswith("data:"):
            return self._inside(found, place)
        return Image(place.relative(found.address)) if found.address else found

    def _inside(self, image: Image, place: Place) -> Image:
        """An image that is a part of the page itself, as long as that does not get too long."""
        size = self._vectors.get(place.page, 0) + len(image.address)
        if size > _MOST_VECTORS:
            return Image(problem="the page has too many SVG images")
        self._vectors[place.page] = size
        place.made.add(image.address)
        return image

    def _read(self, name: str) -> Image:
        try:
            size, content = self._content(name)
        except BepError as error:
            return Image(problem=str(error))
        except (FileNotFoundError, NotADirectoryError):
            return Image(problem=f"there is no {name}")
        except OSError as error:
            return Image(problem=f"{name} cannot be read ({reason_of(error)})")
        kind = _kind(content)
        if problem := _problem(kind, size):
            return Image(problem=f"{name} {problem}")
        if kind == _VECTORS:
            return Image(f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}")
        return self._kept(content, kind)

    def _kept(self, content: bytes, kind: str) -> Image:
        """An image as a file of the site."""
        size = len(content)
        address = f"{FOLDER}/{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
        self._size += 0 if address in self.files else size
        if self._size > _MOST:
            return Image(problem=f"the images have more than {_MOST // _MEGABYTE} MB together")
        self.files[address] = content
        return Image(address)

    def _content(self, name: str) -> tuple[int, bytes]:
        """The size of a file, and its content, or the beginning of one that is too large."""
        tree, path = self.repository.tree, self.repository.root / name
        size = tree.size(path)
        return size, tree.head(path, _BEGINNING) if size > LARGEST else tree.read(path)


def _problem(kind: str, size: int) -> str:
    """Why an image is not shown, '' if it is."""
    most = _LARGEST_VECTORS if kind == _VECTORS else LARGEST
    if size > most:
        return f"is {size / _MEGABYTE:.1f} MB large; the limit is {most / _MEGABYTE:.1f} MB"
    return "" if kind else "is not an image that browsers show"


def _kind(content: bytes) -> str:
    """The ending of an image's name, by its first bytes; '' for what is none."""
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if _AVIF.match(content):
        return "avif"
    return _VECTORS if _SVG.match(content[:_BEGINNING]) else ""
