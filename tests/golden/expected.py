"""Differences that are meant: a file of case patterns, each with its reason."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from outcome import DIFFERENT, INTENDED


@dataclass
class Expectation:
    pattern: str
    reason: str
    line: int
    used: bool = False


def read_expectations(path):
    """Lines `PATTERN REASON`; empty ones and those that start with # say nothing."""
    expectations = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        words = line.split(None, 1)
        if not words or line.lstrip().startswith("#"):
            continue
        if len(words) < 2:
            raise ValueError(f"{path}:{number}: {words[0]}: no reason; expected PATTERN REASON")
        expectations.append(Expectation(words[0], words[1].strip(), number))
    return expectations


def apply_expectations(expectations, outcome):
    """Marks a different case that was expected, with the reason first."""
    if outcome.status != DIFFERENT:
        return
    for expectation in expectations:
        if fnmatchcase(outcome.case.name, expectation.pattern):
            expectation.used = True
            outcome.status = INTENDED
            outcome.lines.insert(0, expectation.reason)
            return
