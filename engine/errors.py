"""What a user may see go wrong: a message, a hint and an exit status; never a traceback.

Every class takes positional strings only, so that an error survives pickling between processes.
"""


class RenderError(Exception):
    """Base of what a user may see: the CLI prints message and hint, no traceback. A task failed.

    transient: another attempt may succeed although nothing was changed; a batch then tries again.
    """

    exit_status = 1
    transient = False

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message, self.hint = message, hint

    def __str__(self) -> str:
        return self.message


class EncodeError(RenderError):
    """ffmpeg could not make the output: it failed, died, or wrote another number of frames than it was given."""


class EncoderStoppedError(EncodeError):
    """ffmpeg was killed, or had to be for not answering."""

    transient = True


class OutputError(RenderError):
    """The output cannot be written: read-only or missing folder, no permission."""


class StorageError(OutputError):
    """The disk is full or fails."""

    transient = True


class BusyError(OutputError):
    """Another run has what we want to write."""

    transient = True


class WorkerError(RenderError):
    """A render process met something that nobody foresaw."""


class CrashError(WorkerError):
    """A render process died or stopped answering, or the worker process around it did."""

    transient = True


class ClusterError(WorkerError):
    """A cluster was lost in the middle of a run."""


class TaskTimeoutError(WorkerError):
    """A task took longer than it may."""

    transient = True


class MemoryLimitError(WorkerError):
    """A task used more memory than it may."""


class InputError(RenderError):
    """The job or the command line is wrong; nothing was started."""

    exit_status = 2


class AudioError(InputError):
    """The audio is missing, empty, truncated, unreadable or not audio."""


class ExpressionError(InputError):
    """A parameter expression cannot be parsed or has no finite value; `column` counts from 1 within the expression."""

    def __init__(self, message: str, hint: str = "", column: int = 1) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, column)
        self.column = column


class MissingError(RenderError):
    """This machine lacks something the job needs: ffmpeg, a backend, a codec, a shared library."""

    exit_status = 3


class MismatchError(RenderError):
    """Frames differ from the goldens."""

    exit_status = 4


class InterruptedRenderError(RenderError):
    """The user stopped the run."""

    exit_status = 130
