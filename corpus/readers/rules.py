"""The rules of tables in a picture: long dark strokes across and down, and the cells that they enclose."""

from typing import Any

import numpy as np
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges
from PIL import Image

from corpus.readers.ruled import Box

_SHORTEST = 1 / 50
"""Of the picture's longer side: shorter strokes belong to letters."""
_NEAR = 1 / 250
"""Of the picture's longer side: how far strokes may miss each other at a corner."""


def ruled_cells(image: Image.Image) -> list[list[Box]]:
    """The cells of each table, in pixels."""
    import cv2  # comes with the extra `ocr`

    side = max(image.size)
    near = max(int(side * _NEAR), 3)
    grey = np.asarray(image.convert("L"))
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 10)
    edges = []
    for orientation, kernel in (("h", (int(side * _SHORTEST), 1)), ("v", (1, int(side * _SHORTEST)))):
        strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, kernel))
        strokes = cv2.dilate(strokes, np.ones((3, 3), np.uint8))
        _, _, boxes, _ = cv2.connectedComponentsWithStats(strokes)
        edges += [_edge(orientation, box) for box in boxes[1:]]
    edges = merge_edges(edges, near, near, near, near)
    cells = intersections_to_cells(edges_to_intersections(edges, near, near))
    return [list(table) for table in cells_to_tables(cells)]


def _edge(orientation: str, box: "np.ndarray[Any, Any]") -> dict[str, Any]:
    """A stroke as pdfplumber describes edges: a line without thickness."""
    x, y, width, height = (float(v) for v in box[:4])
    if orientation == "h":
        y, height = y + height / 2, 0.0
    else:
        x, width = x + width / 2, 0.0
    return {
        "x0": x,
        "x1": x + width,
        "top": y,
        "bottom": y + height,
        "width": width,
        "height": height,
        "orientation": orientation,
    }
