"""A process that is ready to be the command line or a script: python ready.py

It has imported what these import, which takes longer than most of them. For each line of its
input, which says what is to be run and where, it forks: so a command is a process of its own that
knows nothing of those before it. It answers with the exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
import types
from collections.abc import Sequence
from typing import Any, NoReturn

import matplotlib.figure  # noqa: F401
import rich.console  # noqa: F401
import safetensors  # noqa: F401

from minigrad.commands import main


def serve() -> None:
    """Do what is asked, one after the other, until there is no more."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "compare" in asked["arguments"]:
            import reference.compare
            import reference.lessons
            import reference.quick  # noqa: F401
        child = os.fork()
        if not child:
            become(asked)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def become(asked: dict[str, Any]) -> NoReturn:
    """Be the process that was asked for."""
    os.chdir(asked["folder"])
    sys.path[0] = ""  # as with -c and -m, not the folder of this file
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, path in enumerate([os.devnull, asked["stdout"], asked["stderr"]]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        code = done(asked["code"], asked["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def done(code: str, arguments: Sequence[str]) -> int:
    """The exit code of a command, or of a program that runs it."""
    if not code:
        return main(arguments)
    sys.argv = ["-c", *arguments]
    sys.modules["__main__"] = program = types.ModuleType("__main__")
    exec(compile(code, "<string>", "exec"), vars(program))
    return 0


if __name__ == "__main__":
    serve()
