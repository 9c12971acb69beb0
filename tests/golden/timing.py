"""Run time of the two builds, command by command: A B A B, so that both meet the same machine."""

import shutil
import statistics
from dataclasses import dataclass

from cases import case

def timing_case(name, *words):
    return case(f"time/{name}", *words, quick=True)


# Some seconds each, so that the start of a process (about 0.5 s of LibTorch) does not hide them;
# info is that start, and little else.
TIMING_CASES = [
    timing_case("evaluate", "evaluate", "-a", "gemmini-rtl", "--traces", "@measured/all.csv",
         "--latency", "hybrid", "-o", "out.csv"),
    timing_case("simulate", "simulate", "-a", "gemmini-rtl", "--traces", "@measured/training.csv",
         "--quiet", "-o", "out.csv"),
    timing_case("train", "train", "-a", "gemmini-rtl", "--traces", "@measured/training.csv",
         "--quiet", "-o", "m.masala"),
    timing_case("search", "search", "-w", "resnet50", "-a", "gemmini-rtl", "--budget", "200000",
         "--quiet"),
    timing_case("compare", "compare", "-w", "bert", "-a", "gemmini-rtl", "--budget", "30000",
         "--quiet"),
    timing_case("sample", "sample", "-a", "gemmini-rtl", "-w", "resnet50", "-n", "5000", "-o",
         "rows.csv"),
    timing_case("info", "info", "workloads"),
]


@dataclass(frozen=True)
class Timing:
    command: str
    old_s: float  # median wall clock
    new_s: float
    wall_ratios: list  # NEW / OLD of each pair
    cpu_ratios: list


def ratio(new, old):
    return new / old if old > 0 else 1.0


def measure(timing_case, old, new, inputs, folder, repeats):
    """A Timing; a string that says why there is none where a build does not run the case."""
    words = inputs.words(timing_case.words)
    pairs = []
    for repeat in range(repeats):
        runs = []
        for build in (old, new):
            place = folder / timing_case.name / f"{build.label}{repeat}"
            runs.append(build.run(words, place))
            if runs[-1].exit_code != 0:
                return f"{build.label} exits {runs[-1].exit_code}: {runs[-1].message()[:200]}"
            shutil.rmtree(place)
        pairs.append(runs)
    return Timing(timing_case.command,
                  statistics.median(a.wall_s for a, _ in pairs),
                  statistics.median(b.wall_s for _, b in pairs),
                  [ratio(b.wall_s, a.wall_s) for a, b in pairs],
                  [ratio(b.cpu_s, a.cpu_s) for a, b in pairs])
