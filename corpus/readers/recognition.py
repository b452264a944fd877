"""Text recognition (OCR) with RapidOCR, whose package brings its models along: nothing is fetched at run time.

An extra: `pip install 'cewen[ocr]'`. It is imported when first used, since that takes seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from corpus.readers.layout import Word
from corpus.readers.seals import without_seals

if TYPE_CHECKING:
    from rapidocr import RapidOCR

_LONGEST_SIDE = 2200
"""Pixels; an A4 page at 190 dots an inch."""
_PARAMETERS = {
    "Global.log_level": "critical",
    "Global.max_side_len": _LONGEST_SIDE,
    # one thread: the other cores go on answering, and none is spent on waiting
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # text is found on a smaller image than it is read from, and read in twos: three quarters of a gigabyte at most
    "Det.limit_type": "max",
    "Det.limit_side_len": 1600,
    "Rec.rec_batch_num": 2,
}
_SMALLEST_SKEW = 0.4
_LARGEST_SKEW = 20.0
"""Degrees; less does no harm, more is no skew but text set at a slant."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Letters with their places on the upright image, and the confidence (0 to 1), weighted by letters."""

    letters: tuple[Word, ...]
    confidence: float
    image: Image.Image


@dataclass(frozen=True, slots=True)
class _Found:
    """One piece of text: its letters, its four corners (clockwise from the upper left), its confidence."""

    letters: tuple[Word, ...]
    corners: "np.ndarray[Any, np.dtype[np.float64]]"
    confidence: float


class Recogniser:
    """Loads the models at its first page and keeps them."""

    def __init__(self) -> None:
        self._engine: RapidOCR | None = None

    def recognised(self, image: Image.Image) -> Recognised:
        """The letters of a page, after it has been turned upright and straight."""
        image = without_seals(_bounded(image.convert("RGB")))
        found = self._pieces(image)
        if found and _stands_on_its_side(found):
            turned = [
                (i, self._pieces(i)) for i in (image.rotate(90, expand=True), image.rotate(270, expand=True))
            ]
            image, found = max(turned, key=lambda pair: _confidence(pair[1]))
        skew = _skew(found)
        if _SMALLEST_SKEW < abs(skew) < _LARGEST_SKEW:
            image = image.rotate(skew, resample=Image.Resampling.BICUBIC, expand=True, fillcolor="white")
            found = self._pieces(image)
        return Recognised(tuple(w for f in found for w in f.letters), _confidence(found), image)

    def _pieces(self, image: Image.Image) -> list[_Found]:
        try:
            result: Any = self._loaded()(
                np.asarray(image)[:, :, ::-1], return_word_box=True, return_single_char_box=True
            )
        except Exception as error:  # onnxruntime and OpenCV have types of their own for this
            if "alloc" in str(error):
                raise MemoryError from error
            raise
        if result.boxes is None:
            return []
        return [
            _Found(tuple(_letter(text, corners) for text, _, corners in words), np.asarray(box), float(score))
            for box, words, score in zip(result.boxes, result.word_results, result.scores, strict=True)
        ]

    def _loaded(self) -> "RapidOCR":
        if self._engine is None:
            from rapidocr import RapidOCR

            self._engine = RapidOCR(params=_PARAMETERS)
        return self._engine


def _letter(text: str, corners: Sequence[Sequence[float]]) -> Word:
    xs, ys = [float(c[0]) for c in corners], [float(c[1]) for c in corners]
    return Word(text, min(xs), min(ys), max(xs), max(ys))


def _bounded(image: Image.Image) -> Image.Image:
    """The image no larger than is of use."""
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return image


def _confidence(found: Sequence[_Found]) -> float:
    letters = sum(len(f.letters) for f in found)
    return sum(f.confidence * len(f.letters) for f in found) / letters if letters else 0.0


def _stands_on_its_side(found: Sequence[_Found]) -> bool:
    """Whether most longer pieces are higher than wide."""
    long = [f for f in found if len(f.letters) > 3]
    tall = sum(_length(f.corners[0], f.corners[3]) > 1.5 * _length(f.corners[0], f.corners[1]) for f in long)
    return tall * 2 > len(long)


def _length(a: Sequence[float], b: Sequence[float]) -> float:
    return math.dist((float(a[0]), float(a[1])), (float(b[0]), float(b[1])))


def _skew(found: Sequence[_Found]) -> float:
    """Degrees by which the longer pieces fall to the right."""
    angles = [
        math.degrees(
            math.atan2(float(f.corners[1][1] - f.corners[0][1]), float(f.corners[1][0] - f.corners[0][0]))
        )
        for f in found
        if len(f.letters) > 5
    ]
    return median(angles) if angles else 0.0
