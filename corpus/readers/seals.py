"""Red seals, stamped over the issuer's name and the date, fade so that the print below can be recognised."""

import numpy as np
from PIL import Image

_SMALLEST = 0.08
_LARGEST = 0.45
"""Of the picture's width: a seal is 3.8 to 5 cm wide, A4 paper 21."""
_REDDER = 50
"""By so much red ink is redder than green and blue (of 255)."""


def without_seals(image: Image.Image) -> Image.Image:
    """The picture with each round or square red mark of a seal's size shown in its red channel, where red is white."""
    import cv2  # comes with the extra `ocr`

    pixels = np.asarray(image.convert("RGB"))
    red, green, blue = (pixels[:, :, i].astype(np.int16) for i in range(3))
    ink = ((red - np.maximum(green, blue)) > _REDDER).astype(np.uint8)
    gap = max(image.width // 100, 3)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(cv2.dilate(ink, np.ones((gap, gap), np.uint8)))
    faded = pixels.copy()
    for x, y, width, height, _ in boxes[1:]:
        if 0.7 < width / height < 1.4 and _SMALLEST < width / image.width < _LARGEST:
            part = faded[y : y + height, x : x + width]
            part[:] = part[:, :, :1]
    return Image.fromarray(faded)
