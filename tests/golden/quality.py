"""Quality of searches that are not exact: another design is fine if it is as good.

The objective that a design reached, NEW / OLD at the same budget, is compared over all such cases;
and the old build re-scores every other design, so that it is as good as it says.
"""

import json
import math

from difference import MISSING, VALUE, parsed_json
from ignored import may_be_found_otherwise


def found_values(document):
    """Name -> what a search minimised: one for a design, one per workload and model of compare."""
    if "search" in document:
        history = document["search"]["history"]
        return {document.get("workload", ""): history[-1][1]} if history else {}
    return {f"{workload}/{model}": entry["edp_predicted"]
            for workload, results in document.get("workloads", {}).items()
            for model, entry in results["models"].items()
            if entry.get("edp_predicted") is not None}


def ratios(old, new):
    """Name -> NEW / OLD of the values of two documents; below 1 is better."""
    old_values, new_values = found_values(old), found_values(new)
    return {name: new_values[name] / value for name, value in old_values.items()
            if name in new_values and value > 0}


def is_beyond_search(difference):
    """True for what a search has no say in: fields, inputs, names, the default tiler."""
    if difference.file != "stdout":
        return difference.kind == MISSING and not difference.path  # a whole file
    if difference.kind == MISSING:
        return not difference.path.startswith("search.history")
    return difference.kind == VALUE and not may_be_found_otherwise(difference.path)


class Judge:
    """Whether a design of the new build is what it says, in the old build's eyes."""

    def __init__(self, old, words):
        """`words` made the designs; a scoring shares what says which cycles and tiles are meant."""
        self.old = old
        self.flags = [part for flag in ("--latency", "--model", "--factors") if flag in words
                      for part in words[words.index(flag):][:2]]

    def problems(self, old_run, new_run, folder):
        design = parsed_json(new_run.stdout.read_text())
        if design is None or "totals" not in design:
            return  # compare has a judge of its own
        (folder / "new").mkdir(parents=True)
        (folder / "old").mkdir()
        paths = {}
        for label, run in (("old", old_run), ("new", new_run)):
            paths[label] = folder / label / "design.json"
            paths[label].write_bytes(run.stdout.read_bytes())
        yield from self._totals_problems(design, paths["new"], folder / "scored")
        runs = {label: self.old.run(["simulate", "--design", str(path), "--quiet"],
                                    folder / label / "simulated")
                for label, path in paths.items()}
        if runs["old"].exit_code == 0 and runs["new"].exit_code != 0:
            yield f"the old design can be simulated, the new one cannot: {runs['new'].message()}"

    def _totals_problems(self, design, path, folder):
        scored = self.old.run(
            ["evaluate", "--design", str(path), *self.flags, "--format", "json"], folder)
        if scored.exit_code != 0:
            yield f"the old build refuses the new design: {scored.message()}"
            return
        totals = json.loads(scored.stdout.read_text())["totals"]
        for key, value in totals.items():
            if design["totals"].get(key) != value:
                yield f"totals.{key}: the new build says {design['totals'].get(key)}, the old " \
                      f"one {value} of the same design"


def geometric_mean(values):
    return math.exp(sum(math.log(value) for value in values) / len(values)) if values else None
