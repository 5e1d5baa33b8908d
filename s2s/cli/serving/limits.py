"""How much a server takes on."""

from dataclasses import dataclass, fields

from s2s.config.errors import RequestError


@dataclass(frozen=True)
class Limits:
    """What is more is refused with 413, what would have to wait too long with 429. RequestError for what cannot be."""

    max_bytes: int = 20_000_000
    """Bytes of a picture."""
    max_pixels: int = 40_000_000
    """Pixels of a picture: a page of A4 at 600 dpi has 35 million."""
    max_characters: int = 10_000
    """Characters of all texts of a request, and of what a language model writes."""
    max_requests: int = 256
    """Requests that are waiting, arriving or being answered."""
    batch: int = 64
    """Inputs of several requests that are computed together; 1 computes each request by itself."""
    gather: float = 3.0
    """Milliseconds in which further requests may join the first of a batch."""

    def __post_init__(self) -> None:
        for name in (one.name for one in fields(self)):
            least = 0 if name == "gather" else 1
            if not least <= getattr(self, name) <= 1e12:
                option = f"--{name.replace('_', '-')}"
                raise RequestError(f"{option} must be {least} or more, not {getattr(self, name):g}")

    @property
    def max_json(self) -> int:
        """Bytes of a body of JSON: each character may be written as two escapes of six bytes, and options take some."""
        return 12 * self.max_characters + 4096

    @property
    def max_held(self) -> int:
        """Bytes of all bodies together, so that many large ones do not fill the memory."""
        return 16 * max(self.max_bytes, self.max_json)
