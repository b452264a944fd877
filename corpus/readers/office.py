"""LibreOffice turns the office formats of other times and makers into the three that are read here.

One run a document, with a profile of its own that fetches nothing from the network and runs no macros.
"""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.errors import NoticeUnreadable

SECONDS = 60.0
"""The longest that one conversion may take; an ordinary one takes 1 to 3 s."""
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""


class LibreOffice:
    """An installed LibreOffice; `folder` is where it may write its profile."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._profile = folder / "libreoffice"
        self._folder = folder

    def converted(self, content: bytes, suffix: str, to: str) -> bytes:
        """The document in another format (`to` is docx, xlsx or pptx). Raises NoticeUnreadable where that fails."""
        self._set_up()
        with TemporaryDirectory(dir=self._folder) as work:
            before, after = Path(work, f"document{suffix}"), Path(work, "out", f"document.{to}")
            before.write_bytes(content)
            command = [
                self._program,
                f"-env:UserInstallation={self._profile.as_uri()}",
                *("--headless", "--norestore", "--nolockcheck", "--nodefault"),
                *("--convert-to", to, "--outdir", str(after.parent), str(before)),
            ]
            try:
                subprocess.run(  # noqa: S603 - our own arguments
                    command, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False
                )
            except subprocess.TimeoutExpired:
                raise NoticeUnreadable(
                    f"LibreOffice 在 {SECONDS:.0f} 秒内没有转换完。请用 Word 或 WPS 另存为 .{to} 后再试。"
                ) from None
            if not after.is_file():
                raise NoticeUnreadable(
                    f"LibreOffice 打不开，文件可能已损坏或设有密码。请用 Word 或 WPS 另存为 .{to} 后再试。"
                )
            return after.read_bytes()

    def _set_up(self) -> None:
        settings = self._profile / "user" / "registrymodifications.xcu"
        if not settings.exists():
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(_SETTINGS, encoding="utf-8")
