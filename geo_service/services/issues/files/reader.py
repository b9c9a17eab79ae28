"""A process that reads a long ticket list while another one stores what it has read.

They talk through two pipes: what is asked goes in, rows come out, some thousand ahead. It ends with
the process that started it, however that one ends: nobody is left to write to.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from queue import Queue
from threading import Thread
from typing import IO, Any, NamedTuple

from geo_service.errors import UnreadableFile
from geo_service.governance.headings import Columns
from geo_service.services.issues.files.reading import ListToRead, OwnReading, Reading, ReadRow
from geo_service.services.issues.garbage import without_collections

LONG_BYTES = 2 << 20
"""Shorter lists, of some ten thousand rows, are read before another process has started."""

_PROGRAM = f"from {__name__} import main; main()"
_PIECE_ROWS = 500
_PIECES_AHEAD = 30
"""More than a transaction's rows: while one is stored the next is read."""
_PIPE_BYTES = 1 << 20


class _Head(NamedTuple):
    """What is known of a list before its rows are read."""

    columns: Columns
    encoding: str | None


class _Piece(NamedTuple):
    """Some rows, and the share of the file that was read with them."""

    rows: list[ReadRow]
    share_read: float | None


class _End(NamedTuple):
    """No more rows; what the file is told of."""

    notes: Sequence[tuple[str, str]]


@contextmanager
def open_list(asked: ListToRead) -> Iterator[Reading]:
    """Open a ticket list; a long one is read by a process of its own where a processor is free.

    Raises
    ------
    UnreadableFile, UnknownColumn, UnknownFrame
        It cannot be read, or not so.
    """
    if not _is_long(asked) or len(os.sched_getaffinity(0)) == 1:
        yield OwnReading(asked)
        return
    with subprocess.Popen(  # noqa: S603  # our own program, and nothing from outside in it
        [sys.executable, "-P", "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pipesize=_PIPE_BYTES,
        start_new_session=True,  # an interrupt is for the process that stores
    ) as process:
        try:
            yield _DistantReading(process, asked)
        finally:
            process.kill()


def main() -> None:
    """Read the list that is asked for, for the process that started this one."""
    asking, answering = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may stand between the answers
    with _answers(answering) as answers, without_collections():
        try:
            reading = OwnReading(_received(asking))
            answers.put(pickle.dumps(_Head(reading.columns, reading.encoding)))
            rows = reading.rows(after=_received(asking))
            while piece := list(islice(rows, _PIECE_ROWS)):
                answers.put(pickle.dumps(_Piece(piece, reading.share_read)))
            answers.put(pickle.dumps(_End(reading.notes)))
        except Exception as error:  # noqa: BLE001  # whatever it is, the other process raises it
            answers.put(pickle.dumps(error))


class _DistantReading:
    """A list that another process reads."""

    def __init__(self, process: subprocess.Popen[bytes], asked: ListToRead) -> None:
        self._process = process
        self._path = asked.path
        self._ask(asked)
        head = self._answer()
        self.columns: Columns = head.columns
        self.encoding: str | None = head.encoding
        self.notes: Sequence[tuple[str, str]] = ()
        self.share_read: float | None = None

    def rows(self, *, after: int | None) -> Generator[ReadRow]:
        """Yield the rows; raises what the other process stumbled over."""
        self._ask(after)
        while isinstance(answer := self._answer(), _Piece):
            self.share_read = answer.share_read
            yield from answer.rows
        self.notes = answer.notes

    def _ask(self, value: ListToRead | int | None) -> None:
        try:
            # past the stream's buffer, which would be sent again when it is closed
            os.write(_given(self._process.stdin).fileno(), pickle.dumps(value))
        except BrokenPipeError as error:
            raise self._gone() from error

    def _answer(self) -> Any:
        try:
            answer = _received(_given(self._process.stdout))
        except (EOFError, pickle.UnpicklingError) as error:
            raise self._gone() from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _gone(self) -> UnreadableFile:
        status = self._process.wait()
        return UnreadableFile(
            self._path.name,
            f"读取它的进程中途结束了（状态 {status}），可能是内存不足；请再导入一次",
            f"the process that read it has ended (status {status}), perhaps for want of memory;"
            " import it again",
        )


@contextmanager
def _answers(stream: IO[bytes]) -> "Iterator[Queue[bytes]]":
    """Write what is put into a queue, while more of it is made."""
    queue: Queue[bytes] = Queue(_PIECES_AHEAD)
    writing = Thread(target=_write, args=(queue, stream), daemon=True)
    writing.start()
    yield queue
    queue.put(b"")
    writing.join()


def _write(queue: "Queue[bytes]", stream: IO[bytes]) -> None:
    try:
        while answer := queue.get():
            stream.write(answer)
            stream.flush()
    except BrokenPipeError:
        os._exit(1)  # nobody is left to read for


def _received(stream: IO[bytes]) -> Any:
    return pickle.load(stream)  # noqa: S301  # a pipe between two processes of ours


def _is_long(asked: ListToRead) -> bool:
    return asked.path.is_file() and asked.path.stat().st_size > LONG_BYTES


def _given(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError(stream)
    return stream
