"""What became of the cases: run one on both builds, and judge it."""

from dataclasses import dataclass, field

from difference import ADDED, parsed_json, run_differences
from inputs import CannotMake
from process import USAGE_ERROR
from quality import Judge, is_beyond_search, ratios

EQUAL = "equal"  # to the bit, but for ignored fields
REFUSED = "equal, refused"  # by both builds, in the same words
AS_GOOD = "another design"  # of a search that is not exact: judged by its quality
DIFFERENT = "different"
INTENDED = "intended"
SKIPPED = "skipped"


@dataclass
class Outcome:
    case: object
    status: str
    lines: list = field(default_factory=list)  # why, for people
    added: list = field(default_factory=list)  # what only the new build writes
    ratios: dict = field(default_factory=dict)  # of a search that is not exact
    largest: float = 0.0  # relative difference of two numbers
    command: list = field(default_factory=list)


class Comparer:
    def __init__(self, old, new, inputs, folder, worst_ratio):
        self.old, self.new, self.inputs = old, new, inputs
        self.folder = folder
        self.worst_ratio = worst_ratio

    def outcome(self, case):
        try:
            words = self.inputs.words(case.words)
        except CannotMake as error:
            status = SKIPPED if error.exit_code == USAGE_ERROR else DIFFERENT
            return Outcome(case, status, [f"OLD cannot make {error}"])
        outcome = self._outcome(case, words)
        outcome.command = words
        return outcome

    def _outcome(self, case, words):
        place = self.folder / case.name
        old = self.old.run(words, place / "old")
        if old.exit_code == USAGE_ERROR:
            return Outcome(case, SKIPPED, [f"OLD cannot: {first_line(old.message())}"])
        new = self.new.run(words, place / "new")
        if old.exit_code != new.exit_code:
            return Outcome(case, DIFFERENT,
                           [f"exit code {run.exit_code} of {label}: {first_line(run.message())}"
                            for label, run in (("OLD", old), ("NEW", new))])
        differences = list(run_differences(old, new))
        added = [difference for difference in differences if difference.kind == ADDED]
        differences = [difference for difference in differences if difference.kind != ADDED]
        outcome = Outcome(case, EQUAL if old.exit_code == 0 else REFUSED, added=added)
        if case.heuristic and old.exit_code == 0:
            self._judge_search(outcome, differences, (old, new), words, place)
        elif differences:
            outcome.status = DIFFERENT
            outcome.lines = [str(difference) for difference in differences]
            outcome.largest = max(difference.relative for difference in differences)
        return outcome

    def _judge_search(self, outcome, differences, runs, words, place):
        documents = [parsed_json(run.stdout.read_text()) for run in runs]
        if None in documents:
            outcome.status, outcome.lines = DIFFERENT, ["stdout is no JSON"]
            return
        outcome.ratios = ratios(*documents)
        if not differences:
            return
        wrong = [str(difference) for difference in differences if is_beyond_search(difference)]
        wrong += [f"NEW is {value:.6f} of OLD {name}; expected at most {self.worst_ratio}"
                  for name, value in outcome.ratios.items() if value > self.worst_ratio]
        wrong += Judge(self.old, words).problems(*runs, place / "judged")
        outcome.status = DIFFERENT if wrong else AS_GOOD
        outcome.lines = wrong or [f"NEW / OLD {name} {value:.6f}"
                                  for name, value in outcome.ratios.items()]


def first_line(text):
    return text.splitlines()[0] if text else "no message"
