"""Reads Prometheus' text format strictly, and finds fault with it as promtool does."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\+Inf|NaN|-?[0-9.]+(?:e[+-]?[0-9]+)?)$")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}


class Family:
    """One metric: its type, its help, and its samples as {(name, labels): value}."""

    def __init__(self, name, help_text):
        self.name, self.help, self.type, self.samples = name, help_text, None, {}

    def add(self, name, labels, value):
        assert name in {self.name + suffix for suffix in SUFFIXES[self.type]}, f"{name} stands among {self.name}"
        assert (name, labels) not in self.samples, f"{name}{labels} is told twice"
        self.samples[name, labels] = value

    def check(self):
        assert self.type and self.help, f"{self.name} has no type or help"
        assert (self.type == "counter") == self.name.endswith("_total"), f"{self.name} is a {self.type}"
        assert self.name.startswith(("acs_", "process_")), self.name
        if self.type == "histogram":
            self.check_histogram()

    def check_histogram(self):
        buckets = [(float(dict(labels)["le"]), value) for (name, labels), value in self.samples.items()
                   if name.endswith("_bucket")]
        assert buckets == sorted(buckets) and [v for _, v in buckets] == sorted(v for _, v in buckets)
        assert buckets[-1] == (float("inf"), self.samples[self.name + "_count", ()])
        assert (self.name + "_sum", ()) in self.samples


class Metrics:
    """metrics("acs_turns_total", method="Inform"): the sum of all samples that have these labels."""

    def __init__(self, text):
        assert text.endswith("\n")
        self.families = {}
        family = None
        for line in text.splitlines():
            family = self.read(line, family)
        for each in self.families.values():
            each.check()

    def read(self, line, family):
        if line.startswith("# HELP "):
            name, _, help_text = line[7:].partition(" ")
            assert name not in self.families, f"{name} comes twice"
            self.families[name] = Family(name, help_text)
            return self.families[name]
        if line.startswith("# TYPE "):
            assert line.split(" ")[2] == family.name and not family.samples
            family.type = line.split(" ")[3]
            return family
        match = SAMPLE.match(line)
        assert match, f"not a sample: {line!r}"
        labels = tuple((pair.partition("=")[0], pair.partition("=")[2][1:-1])
                       for pair in re.findall(LABEL, match[2] or ""))
        family.add(match[1], labels, float(match[3]))
        return family

    def __call__(self, name, **labels):
        family = next(f for f in self.families.values()
                      if name in {f.name + suffix for suffix in SUFFIXES[f.type]})
        return sum(value for (sample, has), value in family.samples.items()
                   if sample == name and labels.items() <= dict(has).items())


def metrics(api):
    return Metrics(api.get("/metrics").body.decode())
