"""The pages that `run` prints."""

import shlex
import statistics
from collections import Counter

from outcome import AS_GOOD, DIFFERENT, EQUAL, INTENDED, REFUSED, SKIPPED
from quality import geometric_mean


def case_text(outcome, shown_lines):
    lines = [f"{outcome.status.upper()}  {outcome.case.name}"]
    if outcome.status in (DIFFERENT, INTENDED) and outcome.command:
        lines.append("  masala " + shlex.join(outcome.command))
    lines += ["  " + line for line in outcome.lines[:shown_lines]]
    if len(outcome.lines) > shown_lines:
        lines.append(f"  ... {len(outcome.lines) - shown_lines} more")
    if outcome.largest:
        lines.append(f"  largest relative difference {outcome.largest:.3g}")
    return "\n".join(lines) + "\n"


def added_text(outcomes):
    """What only the new build writes, each once, with the number of cases."""
    cases = Counter()
    for outcome in outcomes:
        cases.update({f"{d.file}: {d.path}" if d.path else d.file for d in outcome.added})
    return "".join(f"added  {what} ({count} cases)\n" for what, count in sorted(cases.items()))


def counts_text(outcomes):
    counts = Counter(outcome.status for outcome in outcomes)
    equal = counts[EQUAL] + counts[REFUSED]
    return (f"cases  {equal} equal ({counts[REFUSED]} of them refused by both), {counts[AS_GOOD]} "
            f"other designs, {counts[INTENDED]} intended, {counts[DIFFERENT]} different, "
            f"{counts[SKIPPED]} skipped\n")


class Quality:
    """Over all searches that are not exact and whose differences are not expected."""

    def __init__(self, outcomes, geomean_limit):
        judged = [o for o in outcomes if o.case.heuristic and o.status != INTENDED and o.ratios]
        self.equal = sum(o.status == EQUAL for o in judged)
        self.searches = len(judged)
        self.values = [(value, o.case.name) for o in judged for value in o.ratios.values()]
        self.geomean = geometric_mean([value for value, _ in self.values])
        self.limit = geomean_limit

    def fails(self):
        return self.geomean is not None and self.geomean > self.limit

    def text(self):
        if not self.values:
            return ""
        worst, best = max(self.values), min(self.values)
        return (f"searches that are not exact  {self.searches}, {self.equal} of them equal to the "
                f"bit\nobjective NEW / OLD  geometric mean {self.geomean:.6f}, worst "
                f"{worst[0]:.6f} ({worst[1]}), best {best[0]:.6f}"
                f"{f'; expected a mean of at most {self.limit}' if self.fails() else ''}\n")


def timing_text(timings):
    """A table of `Timing`s and of reasons why there is none, by command."""
    if not timings:
        return ""
    text = (f"{'run time':<10} {'OLD s':>7} {'NEW s':>7}   NEW / OLD  {'least':>7} {'median':>7}"
            f"   CPU time  {'least':>7} {'median':>7}\n")
    for command, timing in timings.items():
        if isinstance(timing, str):
            text += f"{command:<10} none: {timing}\n"
            continue
        text += (f"{command:<10} {timing.old_s:>7.2f} {timing.new_s:>7.2f}   {'':<9}  "
                 f"{min(timing.wall_ratios):>7.3f} {statistics.median(timing.wall_ratios):>7.3f}"
                 f"   {'':<8}  {min(timing.cpu_ratios):>7.3f} "
                 f"{statistics.median(timing.cpu_ratios):>7.3f}\n")
    return text
