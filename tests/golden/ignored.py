"""What may differ between two builds without meaning anything. The one place for it.

Paths name a value in a JSON document: keys and list positions joined by dots. A field that is
ignored must still be there.
"""

import re

# (path, why its value is not compared)
IGNORED = [
    (r"search\.seconds", "wall clock of a search"),
    (r"(.*\.)?provenance\.version", "names the build"),
    (r"(.*\.)?provenance\.torch", "names the LibTorch of the build"),
    (r"(.*\.)?provenance\.command", "spelling of the command line"),
    (r"(.*\.)?provenance\.inputs", "paths of the inputs; both builds are given the same files"),
    (r"sha256", "of a model file: hash of a content that holds the provenance"),
]

# What a search that is not exact may find otherwise. Its quality is compared instead (quality.py).
FOUND_OTHERWISE = [
    r"hardware\..*",
    r"totals\..*",
    r"layers\.\d+\.(mapping|cycles|energy_uj|bottleneck|cycles_log_std|in_range)",
    r"search\.(evaluations|history.*)",
    r"bound.*",
    # compare.json; the default tiler is no search
    r"workloads\.[^.]*\.models\.(?!default\.).*",
    r"geomean\..*",
    r"prediction_error_percent\..*",
]

# (pattern, replacement, why) in text for people and in YAML, before it is compared
MASKED = [
    (r"^provenance:\n(?: .*\n)*", "provenance\n", "as IGNORED"),
    (r"^( *)seconds: .*$", r"\1seconds", "wall clock of a search"),
    (r" in \d+(\.\d+)? ?(ms|s|min)\b", " in TIME", "wall clock of a search"),
]

# Files of which only the presence counts: (suffix, why)
UNCOMPARED = [
    (".html", "a page for reading, whose form may change; its numbers stand in the other files"),
]


def is_ignored(path):
    return any(re.fullmatch(pattern, path) for pattern, _ in IGNORED)


def may_be_found_otherwise(path):
    return any(re.fullmatch(pattern, path) for pattern in FOUND_OTHERWISE)


def masked(text):
    for pattern, replacement, _ in MASKED:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


def is_uncompared(name):
    return any(name.endswith(suffix) for suffix, _ in UNCOMPARED)
