"""Whether the optional helpers of the readers are installed. Imports none of them."""

import importlib.util
import shutil


def office_program() -> str:
    """The path of LibreOffice, or ""."""
    return next((found for name in ("soffice", "libreoffice") if (found := shutil.which(name))), "")


def has_recognition() -> bool:
    """Whether the extra `ocr` is there."""
    return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime"))
