"""The two builds, and how their processes are run and measured."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

USAGE_ERROR = 2  # what masala exits with when it does not know a command or flag


@dataclass(frozen=True)
class Run:
    exit_code: int  # negative: ended by that signal
    folder: Path
    wall_s: float
    cpu_s: float  # user and system
    is_late: bool = False  # killed, as it ran for too long

    @property
    def stdout(self):
        return self.folder / "stdout"

    @property
    def stderr(self):
        return self.folder / "stderr"

    @property
    def files(self):
        """The directory that the process ran in: what it wrote under relative names."""
        return self.folder / "files"

    def message(self):
        text = self.stderr.read_text(errors="replace").strip()
        return f"killed after {self.wall_s:.0f} s; {text}" if self.is_late else text


class Build:
    """One masala executable with the environment that both builds share."""

    def __init__(self, label, binary, data, timeout_s):
        self.label = label
        self.binary = binary
        self.timeout_s = timeout_s
        self.environment = dict(os.environ, MASALA_DATA_DIR=str(data), LC_ALL="C")
        self.environment.pop("COLUMNS", None)  # the width of console tables

    def run(self, words, folder):
        """Runs `masala WORDS` in folder/files; stdout and stderr go to files beside it."""
        run = Run(0, folder, 0.0, 0.0)
        run.files.mkdir(parents=True)
        with open(run.stdout, "wb") as out, open(run.stderr, "wb") as err:
            begin = time.monotonic()
            process = subprocess.Popen(
                [str(self.binary), *words], cwd=run.files, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            watchdog = threading.Timer(self.timeout_s, process.kill)
            watchdog.start()
            try:
                # Not process.wait(): only wait4 tells the CPU time of this child alone.
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                process.wait()
                raise
            finally:
                watchdog.cancel()
            wall_s = time.monotonic() - begin
        process.returncode = exit_code(status)  # reaped already
        return Run(process.returncode, folder, wall_s, usage.ru_utime + usage.ru_stime,
                   is_late=wall_s >= self.timeout_s)


def exit_code(status):
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def find_binary(path):
    """`path` is an executable, a build or installation folder, or a checkout with one in build/."""
    candidates = [path, path / "bin" / "masala", path / "build" / "bin" / "masala"]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate.resolve()
    raise ValueError(f"{path}: no masala; expected an executable, or a folder with bin/masala or "
                     "build/bin/masala")


def find_data(binary):
    """The data folder that belongs to an executable: of its checkout or its installation."""
    for parent in list(binary.parents)[:4]:
        for folder in (parent / "data", parent / "share" / "masala"):
            if (folder / "accelerators").is_dir():
                return folder
    raise ValueError(f"{binary}: no data folder near it; expected --data DIR")
