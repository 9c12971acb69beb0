"""Differences between what two builds wrote: JSON by value, CSV by cell, the rest as text."""

import csv
import io
import json
from dataclasses import dataclass

from ignored import is_ignored, is_uncompared, masked

VALUE = "differs"
MISSING = "missing"
ADDED = "added"  # only the new build has it: told, but no failure


@dataclass(frozen=True)
class Difference:
    kind: str
    file: str
    path: str
    detail: str
    relative: float = 0.0  # of two numbers; 0 for all else

    def __str__(self):
        return f"{self.file}: {self.path}: {self.detail}" if self.path else \
            f"{self.file}: {self.detail}"


def shown(value):
    text = json.dumps(value) if not isinstance(value, str) else value
    return text if len(text) <= 80 else text[:77] + "..."


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def relative_difference(old, new):
    scale = max(abs(old), abs(new))
    return abs(new - old) / scale if scale > 0 else 0.0


def changed(file, path, old, new):
    relative = relative_difference(old, new) if is_number(old) and is_number(new) else 0.0
    detail = f"{shown(old)} -> {shown(new)}" + (f" (relative {relative:.2g})" if relative else "")
    return Difference(VALUE, file, path, detail, relative)


def json_differences(file, old, new, path=""):
    """Numbers are equal if they are the same double; the order of keys does not count."""
    if is_ignored(path):
        return
    below = path + "." if path else ""
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            if key not in new:
                yield Difference(MISSING, file, below + key, f"missing; was {shown(value)}")
            else:
                yield from json_differences(file, value, new[key], below + key)
        for key in new:
            if key not in old:
                yield Difference(ADDED, file, below + key, "added")
    elif isinstance(old, list) and isinstance(new, list):
        for i, (old_item, new_item) in enumerate(zip(old, new)):
            yield from json_differences(file, old_item, new_item, f"{below}{i}")
        if len(old) != len(new):
            yield Difference(VALUE, file, path, f"{len(old)} items -> {len(new)}")
    elif is_number(old) and is_number(new):
        if old != new:
            yield changed(file, path, old, new)
    elif type(old) is not type(new) or old != new:
        yield changed(file, path, old, new)


def number_of(cell):
    try:
        return float(cell)
    except ValueError:
        return None


def column(table, name):
    at = table[0].index(name)
    return [row[at] if at < len(row) else "" for row in table[1:]]


def column_difference(file, name, old_cells, new_cells):
    """One difference for all cells of a column, compared as text."""
    rows = [i for i, (old, new) in enumerate(zip(old_cells, new_cells)) if old != new]
    if not rows:
        return None
    largest = 0.0
    for i in rows:
        old, new = number_of(old_cells[i]), number_of(new_cells[i])
        if old is not None and new is not None:
            largest = max(largest, relative_difference(old, new))
    first = rows[0]
    detail = (f"{len(rows)} of {len(old_cells)} rows differ; row {first + 1}: "
              f"{shown(old_cells[first])} -> {shown(new_cells[first])}")
    if largest:
        detail += f"; at most {largest:.2g} relative"
    return Difference(VALUE, file, name, detail, largest)


def csv_differences(file, old_text, new_text):
    old = list(csv.reader(io.StringIO(old_text)))
    new = list(csv.reader(io.StringIO(new_text)))
    old_header, new_header = (table[0] if table else [] for table in (old, new))
    for name in old_header:
        if name not in new_header:
            yield Difference(MISSING, file, name, "column missing")
    for name in new_header:
        if name not in old_header:
            yield Difference(ADDED, file, name, "column added")
    common = [name for name in old_header if name in new_header]
    if common != [name for name in new_header if name in old_header]:
        yield Difference(VALUE, file, "", "columns in another order")
    if len(old) != len(new):
        yield Difference(VALUE, file, "", f"{len(old) - 1} rows -> {len(new) - 1}")
        return
    for name in common:
        difference = column_difference(file, name, column(old, name), column(new, name))
        if difference:
            yield difference


def text_differences(file, old_text, new_text):
    old, new = masked(old_text).splitlines(), masked(new_text).splitlines()
    for i, (old_line, new_line) in enumerate(zip(old, new)):
        if old_line != new_line:
            yield changed(file, f"line {i + 1}", old_line, new_line)
    if len(old) != len(new):
        yield Difference(VALUE, file, "", f"{len(old)} lines -> {len(new)}")


def parsed_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def looks_like_csv(name, text):
    return name.endswith(".csv") or text.startswith(("mapping.", "sample.", "prob.", "layer."))


def text_or_tree_differences(name, old_text, new_text):
    old, new = parsed_json(old_text), parsed_json(new_text)
    if old is not None and new is not None:
        path = "provenance" if name.endswith(".provenance.json") else ""
        yield from json_differences(name, old, new, path)
    elif looks_like_csv(name, old_text):
        yield from csv_differences(name, old_text, new_text)
    else:
        yield from text_differences(name, old_text, new_text)


def outputs(run):
    """Name -> path of everything that a run wrote."""
    files = {str(path.relative_to(run.files)): path
             for path in sorted(run.files.rglob("*")) if path.is_file()}
    return {"stdout": run.stdout, **files}


def run_differences(old, new):
    """All differences of two runs that exited alike; of refusals, the message counts too."""
    old_files, new_files = outputs(old), outputs(new)
    if old.exit_code != 0:
        old_files["stderr"], new_files["stderr"] = old.stderr, new.stderr
    for name, path in old_files.items():
        if name not in new_files:
            yield Difference(MISSING, name, "", "file missing")
        elif not is_uncompared(name):
            yield from text_or_tree_differences(
                name, path.read_text(errors="replace"), new_files[name].read_text(errors="replace"))
    for name in new_files:
        if name not in old_files:
            yield Difference(ADDED, name, "", "file added")
