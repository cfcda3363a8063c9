"""Where a statement stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """Where a statement stands: authors, year, and what finds it.

    Examples
    --------
    >>> print(Reference("Kazdan et al.", 2025, arxiv="2410.16713"))
    Kazdan et al. (2025), arXiv 2410.16713
    """

    authors: str
    year: int
    title: str | None = None
    arxiv: str | None = None
    locator: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        parts = [f"{self.authors} ({self.year})"]
        if self.locator:
            parts.append(self.locator)
        if self.arxiv:
            parts.append(f"arXiv {self.arxiv}")
        return ", ".join(parts)
