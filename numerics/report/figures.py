"""Figures without a display: what every picture of the project is made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from theory.errors import InvalidInput


def check_picture(path: str | Path | None) -> None:
    """Complain about a picture that cannot be drawn before the work is done, not after it.

    Raises
    ------
    InvalidInput
        As `blank`.

    Examples
    --------
    >>> check_picture(None)
    """
    if path is not None:
        blank(1, 1, path)


def blank(width: float, height: float, path: str | Path) -> Any:
    """An empty Matplotlib figure that can be saved at `path`.

    Parameters
    ----------
    width, height
        In inches.
    path
        Where the picture will go; its suffix names the format (.png, .pdf, .svg).

    Raises
    ------
    InvalidInput
        If matplotlib is not installed, or does not write such a format.

    Examples
    --------
    >>> blank(4, 3, "silos.png").get_size_inches().tolist()
    [4.0, 3.0]
    >>> blank(4, 3, "silos.docx")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    theory.errors.InvalidInput: silos.docx is none of .avif...
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput("--plot needs matplotlib; install collapse-theory[plot]") from None
    # No pyplot: it would look for a display.
    figure: Any = Figure(figsize=(width, height), layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    formats = canvas.get_supported_filetypes()
    if Path(path).suffix.lstrip(".").lower() not in formats:
        raise InvalidInput(f"{Path(path).name} is none of .{', .'.join(sorted(formats))}")
    return figure
