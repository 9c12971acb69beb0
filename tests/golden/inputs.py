"""Inputs of the cases. Made when a case first names them, all by the old build, so that both builds
read the same files: a word `@NAME` of a command line is the path of input NAME."""

import csv
import threading

# Three layers that differ in kind: a strided convolution, a matrix multiply, a depthwise layer.
SMALL_WORKLOAD = """name: small
layers:
  - {name: conv, R: 3, S: 3, P: 14, Q: 14, C: 64, K: 96, N: 1, stride: [2, 2], count: 2}
  - {name: matmul, R: 1, S: 1, P: 128, Q: 1, C: 192, K: 256, N: 1}
  - {name: depthwise, R: 3, S: 3, P: 28, Q: 28, C: 1, K: 1, N: 1, groups: 32}
"""
# A prime bound, so that imperfect factors matter.
PRIME_WORKLOAD = """name: prime
layers:
  - {name: tokens, R: 1, S: 1, P: 197, Q: 1, C: 96, K: 64, N: 1}
  - {name: conv, R: 3, S: 1, P: 13, Q: 17, C: 24, K: 40, N: 2, dilation: [2, 1]}
"""
ONE_CONVOLUTION = """name: convolution
layers:
  - {name: conv, R: 3, S: 3, P: 28, Q: 28, C: 128, K: 128, N: 1}
"""
TEXTS = {
    "small.yaml": SMALL_WORKLOAD,
    "prime.yaml": PRIME_WORKLOAD,
    "convolution.yaml": ONE_CONVOLUTION,
}
SAMPLED_WORKLOADS = ["resnet50", "bert", "mobilenet_v2", "deepbench", "unet"]
BROKEN_ROW = "L3[WIO] K7 - L2[WI] N1 - L1[O] N1 - L0[W] N1"  # factors that no layer has


class CannotMake(Exception):
    """The old build refused to make an input; `exit_code` as it exited."""

    def __init__(self, name, run):
        super().__init__(f"input {name}: {run.message().splitlines()[0] if run.message() else ''}")
        self.exit_code = run.exit_code


class Inputs:
    def __init__(self, folder, old, data):
        self.folder = folder
        self.old = old
        self.data = data
        self._lock = threading.RLock()
        self._failed = {}
        self.folder.mkdir(parents=True)

    def words(self, words):
        """The command line with paths in place of `@NAME`."""
        return [str(self.path(word[1:])) if word.startswith("@") else word for word in words]

    def path(self, name):
        made = name.split("/")[0] if name.split("/")[0] in RECIPES else name  # maybe a folder
        with self._lock:
            if made in self._failed:
                raise self._failed[made]
            if not (self.folder / made).exists():
                self._make(made, self.folder / made)
            return self.folder / name

    def _make(self, name, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in TEXTS:
            path.write_text(TEXTS[name])
        elif name in DERIVED:
            DERIVED[name](self, path)
        else:
            self._run_old(name, path)

    def _run_old(self, name, path):
        words = self.words(recipe(name))
        folder = self.folder.parent / "making" / name
        run = self.old.run([*words, "-o", str(path)], folder)
        if run.exit_code != 0 or not path.exists():
            self._failed[name] = CannotMake(name, run)
            raise self._failed[name]


def recipe(name):
    """The words that make an input, without -o."""
    parts = name.split("/")
    if parts[0] == "rows":  # rows/ACCELERATOR/KIND.csv, of mappings to evaluate or simulate
        return sample_words(parts[1], parts[2][:-len(".csv")])
    return RECIPES[name]


def sample_words(accelerator, kind):
    words = ["sample", "-a", accelerator, "--seed", "11"]
    for workload in SAMPLED_WORKLOADS:
        words += ["-w", workload]
    return words + {
        "perfect": ["-n", "240"],
        "imperfect": ["-n", "240", "--factors", "imperfect"],
        "measured": ["-n", "60", "--program", "measured"],
        "few": ["-n", "60"],
        "few_imperfect": ["-n", "60", "--factors", "imperfect"],
        "many": ["-n", "20000"],
    }[kind]


RECIPES = {
    # A folder: design.json, layers.csv.
    "design": ["search", "-w", "@small.yaml", "-a", "gemmini-rtl", "--method", "exact"],
    "model.masala": ["train", "-a", "gemmini-rtl", "--traces", "@measured/training.csv",
                     "--target", "target.network_cycle", "--cache", "inputs"],
    # Cycles of an accelerator without counters: the roofline's, under which columns say nothing.
    "eyeriss.masala": ["train", "-a", "eyeriss", "--traces", "@eyeriss.csv",
                       "--target", "masala.cycles"],
    "eyeriss.csv": ["evaluate", "-a", "eyeriss", "--traces", "@rows/eyeriss/perfect.csv"],
}


def embedded_rows(first_layer, layer_step, count):
    """Rows of the embedded traces, of every layer_step-th layer: training divides by layer."""
    def make(inputs, path):
        with open(inputs.data / "traces" / "gemmini_sim.csv", newline="") as table:
            header, *rows = csv.reader(table)
        shape = [i for i, name in enumerate(header) if name.startswith("prob.")]
        layer_of = [tuple(row[i] for i in shape) for row in rows]
        layers = set(list(dict.fromkeys(layer_of))[first_layer::layer_step])
        chosen = [row for row, layer in zip(rows, layer_of) if layer in layers]
        write_csv(path, [header, *chosen[:count]])
    return make


def with_broken_row(inputs, path):
    with open(inputs.path("rows/gemmini-rtl/few.csv"), newline="") as table:
        rows = list(csv.reader(table))
    rows[3][rows[0].index("mapping.mapping")] = BROKEN_ROW
    write_csv(path, rows)


def write_csv(path, rows):
    with open(path, "w", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows(rows)


DERIVED = {
    "measured/training.csv": embedded_rows(0, 8, 200),
    "measured/other_layers.csv": embedded_rows(3, 8, 200),
    "measured/agreement.csv": embedded_rows(5, 8, 250),
    "measured/all.csv": embedded_rows(0, 1, None),
    "broken.csv": with_broken_row,
}
