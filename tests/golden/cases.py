"""The cases: command lines that both builds run. `@NAME` is an input (inputs.py).

Not the full cross product of flags: every value of every axis appears in some case. A case that a
build refuses as bad input counts as equal if the other refuses it in the same words.
"""

from dataclasses import dataclass

TIERS = ["roofline", "calibrated", "hybrid", "dnn"]
OBJECTIVES = ["edp", "energy", "latency", "ed2p", "edap"]
PROGRAMS = ["clean", "measured"]
CACHES = ["warm", "inputs", "llc", "cold", "carry"]
ORDERS = ["none", "iterate", "softmax", "coupled"]
SEEDS = [0, 1, 2]
BUDGET = 15000  # evaluations: a second or two
EXACT = "exact"  # the method whose designs must be the same
WITH_DRIVER = ["gemmini", "gemmini-rtl"]
JSON = ["--format", "json"]


@dataclass(frozen=True)
class Case:
    name: str
    words: tuple
    quick: bool = False
    heuristic: bool = False  # prints designs as JSON that another build may find otherwise

    @property
    def command(self):
        return self.words[0]


def case(name, *words, quick=False, heuristic=False):
    return Case(name, tuple(str(word) for word in words), quick, heuristic)


@dataclass(frozen=True)
class Catalogue:
    """What the old build has built in."""
    accelerators: list
    workloads: list
    methods: list


def evaluate_cases(catalogue):
    for name in catalogue.accelerators:
        for kind in ("perfect", "imperfect"):
            rows = ["evaluate", "-a", name, "--traces", f"@rows/{name}/{kind}.csv",
                    "--factors", kind, "-o", "scored.csv"]
            yield case(f"evaluate/{name}/{kind}/roofline", *rows, quick=True)
            for tier in TIERS[1:] if kind == "perfect" or name in WITH_DRIVER else []:
                yield case(f"evaluate/{name}/{kind}/{tier}", *rows, "--latency", tier,
                           quick=(name, kind, tier) == ("gemmini-rtl", "perfect", "hybrid"))
    for tier in TIERS[1:]:  # a base without counters
        yield case(f"evaluate/eyeriss/trained/{tier}", "evaluate", "-a", "eyeriss", "--traces",
                   "@rows/eyeriss/perfect.csv", "--latency", tier, "--model", "@eyeriss.masala")
    for tier in TIERS:
        yield case(f"evaluate/against/{tier}", "evaluate", "-a", "gemmini-rtl", "--traces",
                   "@measured/agreement.csv", "--against", "target.gemmini_cycle", "--latency",
                   tier, *JSON, quick=tier == "calibrated")
        yield case(f"evaluate/design/{tier}", "evaluate", "--design", "@design/design.json",
                   "--latency", tier, *JSON)
    yield case("evaluate/design/console", "evaluate", "--design", "@design/design.json")
    rows = ["evaluate", "-a", "gemmini-rtl", "--traces"]
    yield case("evaluate/json", *rows, "@rows/gemmini-rtl/few.csv", *JSON)
    yield case("evaluate/model", *rows, "@rows/gemmini-rtl/few.csv", "--model", "@model.masala")
    yield case("evaluate/skip-invalid", *rows, "@broken.csv", "--skip-invalid")
    yield case("evaluate/broken", *rows, "@broken.csv")
    yield case("evaluate/fix", "evaluate", "-a", "eyeriss", "--traces",
               "@rows/gemmini/few.csv", "--fix", "glb_kib=64", "--skip-invalid")
    for program in PROGRAMS:
        yield case(f"evaluate/program/{program}", "evaluate", "-a", "gemmini", "--traces",
                   "@rows/gemmini/measured.csv", "--latency", "hybrid", "--program", program,
                   "--skip-invalid")
    for cache in CACHES:
        yield case(f"evaluate/cache/{cache}", *rows, "@rows/gemmini-rtl/few.csv", "--latency",
                   "calibrated", "--cache", cache)


def simulate_cases(_):
    rtl = ["simulate", "-a", "gemmini-rtl", "--quiet"]
    for cache in CACHES:
        yield case(f"simulate/clean/{cache}", *rtl, "--traces", "@rows/gemmini-rtl/few.csv",
                   "--cache", cache, "-o", "out.csv", quick=cache == "carry")
        yield case(f"simulate/measured/{cache}", *rtl, "--traces",
                   "@rows/gemmini-rtl/measured.csv", "--program", "measured", "--cache", cache,
                   "-o", "out.csv", quick=cache == "warm")
    for name, kind in (("gemmini", "few"), ("gemmini", "measured"),
                       ("gemmini-rtl", "few_imperfect")):
        yield case(f"simulate/{name}/{kind}", "simulate", "-a", name, "--traces",
                   f"@rows/{name}/{kind}.csv", "--skip-invalid", "--quiet")
    yield case("simulate/workload/bert", *rtl, "--workload", "bert", "-o", "out.csv", quick=True)
    yield case("simulate/workload/carry", *rtl, "--workload", "@small.yaml", "--cache", "carry",
               *JSON)
    yield case("simulate/workload/fix", *rtl, "--workload", "@small.yaml", "--fix",
               "scratchpad_kib=512", "-o", "out.csv")
    for program in PROGRAMS:
        yield case(f"simulate/design/{program}", "simulate", "--design", "@design/design.json",
                   "--program", program, *JSON)
    yield case("simulate/json", *rtl, "--traces", "@rows/gemmini-rtl/few.csv", *JSON)
    yield case("simulate/sampled-tiles", *rtl, "--traces", "@rows/gemmini-rtl/few.csv",
               "--budget-events", "20000")
    yield case("simulate/timeline", *rtl, "--workload", "@small.yaml", "--timeline", "t.json",
               "--row", "2")
    yield case("simulate/skip-invalid", *rtl, "--traces", "@broken.csv", "--skip-invalid")


def heuristic_search_cases(catalogue):
    """Methods x seeds; objectives, latency models and workloads take turns."""
    problems = [["-w", "@small.yaml", "-a", "gemmini-rtl"],
                ["-w", "@prime.yaml", "-a", "gemmini", "--max-area-mm2", "3"],
                ["-w", "bert", "-a", "gemmini-rtl"]]
    number = 0
    for method in (name for name in catalogue.methods if name != EXACT):
        for seed in SEEDS:
            objective = OBJECTIVES[number % len(OBJECTIVES)]
            tier = TIERS[(number + number // len(TIERS)) % len(TIERS)]
            problem = problems[(number + number // len(problems)) % len(problems)]
            yield case(f"search/{method}/seed{seed}-{objective}-{tier}", "search", *problem,
                       "--method", method, "--seed", seed, "--objective", objective, "--latency",
                       tier, "--budget", BUDGET, *JSON, heuristic=True, quick=seed == 0)
            number += 1


def search_cases(catalogue):
    yield from heuristic_search_cases(catalogue)
    search = ["search", "--quiet", *JSON]
    gradient = [*search, "-w", "@small.yaml", "-a", "gemmini-rtl", "--budget", BUDGET]
    for orders in ORDERS:
        yield case(f"search/gradient/orders-{orders}", *gradient, "--orders", orders,
                   heuristic=True)
    yield case("search/gradient/caution", *gradient, "--latency", "hybrid", "--caution", 1,
               heuristic=True)
    yield case("search/gradient/model", *gradient, "--latency", "hybrid", "--model",
               "@model.masala", heuristic=True)
    yield case("search/gradient/bound", *gradient, "--bound", heuristic=True)
    yield case("search/gradient/fix", *gradient, "--fix", "scratchpad_kib=64", heuristic=True)
    yield case("search/gradient/to-its-end", *search, "-w", "@convolution.yaml", "-a",
               "gemmini-rtl", "--starts", 4, heuristic=True)
    yield case("search/gradient/eyeriss", *search, "-w", "@small.yaml", "-a", "eyeriss",
               "--budget", BUDGET, heuristic=True)
    for method in catalogue.methods:
        yield case(f"search/{method}/imperfect", *search, "-w", "@prime.yaml", "-a", "gemmini",
                   "--fix", "pe_dim=16", "--method", method, "--factors", "imperfect",
                   *([] if method == EXACT else ["--budget", BUDGET]), heuristic=method != EXACT)
    exact = ["search", "--quiet", "--method", EXACT, "-w"]
    for objective in OBJECTIVES:
        yield case(f"search/exact/{objective}", *exact, "@convolution.yaml", "-a", "gemmini",
                   "--fix", "pe_dim=16", "--objective", objective, *JSON)
    for tier in TIERS:
        yield case(f"search/exact/{tier}", *exact, "@small.yaml", "-a", "gemmini-rtl",
                   "--latency", tier, *JSON, quick=tier == "roofline")
    yield case("search/exact/eyeriss", *exact, "@prime.yaml", "-a", "eyeriss", *JSON)
    yield case("search/exact/area", *exact, "@small.yaml", "-a", "gemmini", "--max-area-mm2", 2,
               *JSON)
    yield case("search/exact/files", *exact, "@small.yaml", "-a", "gemmini-rtl", "-o", "out")


def train_cases(_):
    rows = ["train", "-a", "gemmini-rtl", "--quiet", "--traces", "@measured/training.csv"]
    network = ["--target", "target.network_cycle", "--cache", "inputs"]
    yield case("train/warm", *rows, "-o", "m.masala", quick=True)
    yield case("train/inputs", *rows, *network, "--seed", 1, "-o", "m.masala")
    yield case("train/pretrain", *rows, "--pretrain", "@measured/other_layers.csv", "-o",
               "m.masala")
    yield case("train/eyeriss", "train", "-a", "eyeriss", "--quiet", "--traces", "@eyeriss.csv",
               "--target", "masala.cycles", "-o", "m.masala")


def compare_cases(_):
    compare = ["compare", "--quiet", *JSON, "-w", "@small.yaml", "-a", "gemmini-rtl", "-o", "out"]
    yield case("compare/exact", *compare, "--method", EXACT, "--latency", ",".join(TIERS))
    yield case("compare/gradient", *compare, "-w", "bert", "--budget", 3000, heuristic=True,
               quick=True)
    for cache in CACHES:
        yield case(f"compare/exact/{cache}", *compare, "--method", EXACT, "--latency", "roofline",
                   "--cache", cache)


def sample_cases(catalogue):
    for name in catalogue.accelerators:
        for kind in ("perfect", "imperfect"):
            yield case(f"sample/{name}/{kind}", "sample", "-a", name, "-w", "resnet50", "-w",
                       "bert", "--factors", kind, "-n", 200, "-o", "rows.csv",
                       quick=(name, kind) == ("gemmini", "perfect"))
    for name in WITH_DRIVER:
        yield case(f"sample/{name}/measured", "sample", "-a", name, "-w", "unet", "--program",
                   "measured", "-n", 100, "--emit-c", "tiles", "-o", "rows.csv")
    rtl = ["sample", "-a", "gemmini-rtl", "-w"]
    yield case("sample/emit-c", *rtl, "mobilenet_v2", "-n", 60, "--emit-c", "tiles", "-o",
               "rows.csv", quick=True)
    for tier in TIERS:
        yield case(f"sample/best/{tier}", *rtl, "@small.yaml", "-n", 12, "--best", 20,
                   "--latency", tier, "-o", "rows.csv", quick=tier == "roofline")
    yield case("sample/best/eyeriss", "sample", "-a", "eyeriss", "-w", "@small.yaml", "-n", 3,
               "--best", 10)
    yield case("sample/seed", *rtl, "bert", "-n", 50, "--seed", 5, "--fix", "scratchpad_kib=64")
    yield case("sample/json", *rtl, "bert", "-n", 20, *JSON)


def info_cases(catalogue):
    for what in ("accelerators", "workloads", "methods"):
        yield case(f"info/{what}", "info", what, *JSON, quick=True)
    for name in [*catalogue.accelerators, *catalogue.workloads]:
        yield case(f"info/{name}", "info", name, *JSON)
    for kind, name in (("design.json", "@design/design.json"),
                       ("model", "@model.masala"), ("table", "@rows/gemmini/few.csv"),
                       ("workload-file", "@small.yaml")):
        yield case(f"info/{kind}", "info", name, *JSON)


def all_cases(catalogue):
    cases = [one for make in (info_cases, sample_cases, evaluate_cases, simulate_cases,
                              train_cases, search_cases, compare_cases) for one in make(catalogue)]
    names = [one.name for one in cases]
    assert len(set(names)) == len(names), "two cases of one name"
    return cases
