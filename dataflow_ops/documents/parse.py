"""Files of any kind read into documents, each within its limits of time and memory."""

import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from dataflow_ops.child import Child, Lost
from dataflow_ops.documents import _wire
from dataflow_ops.documents.document import Document, Failed, Limits
from dataflow_ops.errors import Permanent

_TESSERACT = "TESSDATA_PREFIX"
_READING = "dataflow_ops.documents._reading"


class Parser:
    """Reads one file after the other in a child process; a context manager, since that has to be ended.

    The child starts with the first file and serves all others, unless one is late, crashes it or swells it: that one is
    `Failed`, and the next finds a new child. Linux alone: it limits the memory of a process.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child = Child(_READING, asdict(self.limits), os.environ.get(_TESSERACT))
        self._held = ExitStack()
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        self._folder = Path(self._held.enter_context(TemporaryDirectory(prefix="documents-")))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.end()
        self._held.close()

    def parse(self, data: bytes, name: str | None = None) -> Document | Failed:
        """Read a file that was called `name`; what is in it decides its kind, the name only that of a text.

        Raises Permanent where the libraries are not installed, Transient where no child process can be started, and
        OSError where no temporary file can be written.
        """
        if not data:
            return Failed("empty", "it holds no bytes")
        if self._folder is None:
            raise RuntimeError("a Parser is used in a `with` statement")
        place = self._folder / "file"
        place.mkdir()
        try:
            (place / "content").write_bytes(data)
            return self._read(place, name)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _read(self, place: Path, name: str | None) -> Document | Failed:
        question = json.dumps({"folder": str(place), "name": name}).encode() + b"\n"
        try:
            answer = self._child.ask(question, self.limits.seconds)
        except Lost as lost:
            return self._lost(lost)
        if "missing" in answer:
            raise Permanent(f"{answer['missing']}; to read documents: pip install 'dataflow-ops[documents]'")
        fault = Failed(**answer["fault"]) if answer["fault"] else None
        if answer["spent"]:
            self._child.end()
        return fault or _wire.read(place)

    def _lost(self, lost: Lost) -> Failed:
        if "too long" in str(lost):
            return Failed("time", f"stopped after {self.limits.seconds:g} s")
        return Failed("damaged", f"reading it ended the process that did it, which had {self.limits.memory_mib} MiB")
