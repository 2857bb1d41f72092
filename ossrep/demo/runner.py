"""Runs steps, each a public command, and keeps what they told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.core.management import call_command

from ossrep.demo.folder import DemoFolder, DoneStep
from ossrep.demo.steps import Step
from ossrep.demo.told import Told
from ossrep.kernel.errors import DomainError


class Screen(Protocol):
    """What a person sees of the steps."""

    def begin(self, *, title: str) -> None:
        """A step begins."""
        ...

    def progress(self, *, done: int, total: int | None) -> None:
        """The step has come so far."""
        ...

    def end(self, *, title: str, note: str, seconds: float) -> None:
        """The step is done."""
        ...


class StepFailed(DomainError):
    """A command ended well and told of something that must not be."""

    code = "step_failed"


class StepRunner:
    """Runs every step once: what an earlier call finished is not run again."""

    def __init__(self, *, folder: DemoFolder, screen: Screen) -> None:
        self._folder = folder
        self._screen = screen
        self._done = folder.done_steps()
        self.ran = 0

    @property
    def done(self) -> Mapping[str, DoneStep]:
        """All steps done, those of earlier calls too."""
        return self._done

    def forget_all(self) -> None:
        """Every step runs again."""
        self._done = {}
        self._folder.forget_steps()

    def run(self, step: Step) -> None:
        """Runs a step's command unless it is done. Raises what the command raises, or StepFailed.

        A step that is to run every time runs again, without a word.
        """

        def command() -> Told:
            told = run_command(*step.command, progress=self._screen.progress)
            if problem := step.problem(told):
                raise StepFailed(problem, where=step.title)
            return told

        if step.is_every_time and step.key in self._done:
            command()
            return
        self.do(key=step.key, title=step.title, work=command, note=step.note)

    def do(
        self,
        *,
        key: str,
        title: str,
        work: Callable[[], Told],
        note: Callable[[Told], str] = lambda told: "",
    ) -> None:
        """The same for work of the demo's own."""
        if key in self._done:
            return
        self._screen.begin(title=title)
        begun = time.perf_counter()
        told = work()
        done = DoneStep(seconds=round(time.perf_counter() - begun, 2), told=told)
        self._done[key] = done
        self._folder.keep_step(key=key, step=done)
        self.ran += 1
        self._screen.end(title=title, note=note(told), seconds=done.seconds)


def run_command(*command: str, progress: Callable[..., None] = lambda **_: None) -> Told:
    """Runs a command in this process and takes what it writes."""
    output = _Output(progress)
    call_command(*command, stdout=output, stderr=output)
    return Told(rows=output.rows, lines=output.lines)


class _Output:
    """Takes a command's standard output line by line."""

    def __init__(self, progress: Callable[..., None]) -> None:
        self._progress = progress
        self._rest = ""
        self.rows: list[Any] = []
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._take(line)
        return len(text)

    def flush(self) -> None:
        """There is nothing behind it."""

    def _take(self, line: str) -> None:
        if not line.startswith("{"):
            self.lines.append(line)
            return
        row = json.loads(line)
        if "progress" in row:
            self._progress(done=row["done"], total=row["total"])
        else:
            self.rows.append(row)
