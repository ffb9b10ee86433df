"""Random series and random PromQL expressions over them, for expressions.py. Everything follows from the seed.

Left out is what Prometheus 2.42, the oracle, is known to do otherwise than Prometheus 3, whose words the agent
takes: ranges that begin on a sample (evaluation times are off the grid of samples and ranges on it, or the other way
round in subqueries, whose steps are on the grid), series that are silent for just the lookback, counters near zero
(3.0 limits the extrapolation in another order), the metric's name of an atan2 and the deviation of a NaN (both kept
and 0 in 2.42), and functions that are newer. Left out, too, is what has no single answer: the order of equal values
in topk and bottomk, dates of values that no 64-bit integer has, and what makes much of last digits (labels out of
computed values, remainders). And predict_linear of a range with @ inside a subquery, whose range moves with the steps
in Prometheus.
"""

import dataclasses

STEPS = 90


@dataclasses.dataclass(frozen=True)
class Style:
    """How samples, ranges and evaluations lie to each other, so that no range begins on a sample."""
    step_seconds: int
    off_grid_seconds: int
    ranges: tuple
    ranges_at_steps: tuple  # inside of subqueries
    subquery_steps: tuple
    offsets: tuple
    at: tuple
    live: bool


TESTED = Style(10, 3, ("30s", "1m", "2m", "5m", "10m"), ("35s", "65s", "125s", "305s"), ("20s", "30s", "1m"),
               ("10s", "1m", "3m", "-20s"), ("123", "456.5", "811"), False)
# Ticks of one second, evaluated when they come. A live node has no `@` and does not look ahead, and what it did not
# sample is stale at once.
_HALVES = ("2s500ms", "4s500ms", "9s500ms", "29s500ms", "59s500ms")
LIVE = Style(1, 0, _HALVES, _HALVES, ("1s", "2s", "5s"), ("1s", "5s", "13s"), (), True)

LABELS = ["i", "j"]
AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group"]
RANGE_FUNCTIONS = ["avg_over_time", "sum_over_time", "min_over_time", "max_over_time", "count_over_time",
                   "last_over_time", "present_over_time", "stddev_over_time", "stdvar_over_time", "changes",
                   "resets", "deriv", "delta", "idelta", "irate"]
COUNTER_FUNCTIONS = ["rate", "increase", "irate", "resets", "changes"]
FUNCTIONS = ["abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sin", "cos", "atan", "sinh",
             "tanh", "asinh", "deg", "rad", "round", "timestamp", "sort", "sort_desc", "-", "+"]
DATES = ["day_of_week", "day_of_month", "day_of_year", "hour", "minute", "month", "year", "days_in_month"]
ARITHMETIC = ["+", "-", "*", "/", "^"]
SCALAR_ARITHMETIC = ["+", "-", "*", "/", "%"]
COMPARISONS = ["==", "!=", ">", "<", ">=", "<="]
SETS = ["and", "or", "unless"]


def gap(chance, style, count):
    if style.live:
        return f"stale _x{count}" if chance.random() < 0.5 else "stale"
    return f"_x{count}" if chance.random() < 0.6 else "stale"


def gauge(chance, style):
    """With gaps, stale markers, special values, and beginnings and ends of their own."""
    tokens = []
    length = 0
    while length < STEPS:
        count = chance.randint(1, 12)
        kind = chance.random()
        if kind < 0.14:
            tokens.append(gap(chance, style, count))
            count += 1
        elif kind < 0.18:
            tokens.append(chance.choice(["NaN", "Inf", "-Inf"]))
            count = 1
        else:
            start, slope = chance.choice([0, 1, -3, 0.1, 2.5e6, 1e-3]), chance.choice([0, 1, -0.5, 0.1, 1e5])
            tokens.append(f"{start}{slope:+}x{count}")
            count += 1
        length += count
    return " ".join(tokens + ["stale"])


def counter(chance, style):
    """Grows, rests and is reset, always far from zero."""
    tokens = []
    length = 0
    while length < STEPS:
        count = chance.randint(5, 30)
        tokens.append(f"{chance.randint(4_000, 9_000)}+{chance.choice([0, 1, 0.25, 17])}x{count}")
        length += count + 1
        if chance.random() < 0.3:
            tokens.append(gap(chance, style, 3))
            length += 1
    return " ".join(tokens + ["stale"])


def bucket(chance, rank):
    """Cumulative over `rank`, so that the histogram is one."""
    return f"{1000 * rank + chance.randint(0, 9) * rank}+{rank}x{STEPS}"


def series(chance, style):
    """[{"series": …, "values": …}]"""
    found = []
    # On a live node enough for the ways that take 64 rows at once.
    for i in range(chance.randint(4, 9) if style.live else chance.randint(2, 4)):
        for j in "ab":
            if chance.random() < 0.8:
                found.append({"series": f'g{{i="{i}",j="{j}"}}', "values": gauge(chance, style)})
            if chance.random() < 0.8:
                found.append({"series": f'c_total{{i="{i}",j="{j}"}}', "values": counter(chance, style)})
        found.append({"series": f'one{{i="{i}",k="x{i % 2}"}}', "values": gauge(chance, style)})
    for rank, bound in enumerate(["0.1", "0.5", "1", "10", "+Inf"], 1):
        for i in range(2):
            found.append({"series": f'h_bucket{{i="{i}",le="{bound}"}}', "values": bucket(chance, rank)})
    return found


class Expressions:
    """Each method returns the text of an expression of its type."""

    def __init__(self, chance, style):
        self.chance = chance
        self.style = style
        self.subqueries = 0  # that the place being written is in

    def knows_absence(self):
        """Prometheus evaluates steps before the first sample, too; a live node begins there."""
        return not (self.style.live and self.subqueries)

    def width(self):
        return self.chance.choice(self.style.ranges_at_steps if self.subqueries else self.style.ranges)

    def any(self):
        return self.vector(4) if self.chance.random() < 0.95 else self.scalar(3)

    def pick(self, *choices):
        return self.chance.choice(choices)()

    def matchers(self):
        c = self.chance
        wanted = [text for text in (f'i="{c.randint(0, 4)}"', f'i!="{c.randint(0, 4)}"', 'i=~"[0-2]"', 'j!~"b|c"',
                                    'j="a"', 'k=""', 'i=~".+"') if c.random() < 0.12]
        return "{" + ",".join(wanted) + "}" if wanted else ""

    def modifiers(self):
        c = self.chance
        offset = f" offset {c.choice(self.style.offsets)}" if c.random() < 0.15 else ""
        at = f" @ {c.choice(self.style.at)}" if self.style.at and c.random() < 0.08 else ""
        return at + offset

    def selector(self):
        return self.chance.choice(["g", "c_total", "one", "g", "h_bucket"]) + self.matchers() + self.modifiers()

    def number(self):
        return self.chance.choice(["0", "1", "2", "-1", "0.5", "1e3", "3", "7.25", "Inf", "NaN"])

    def scalar(self, depth):
        c = self.chance
        kind = c.random()
        if depth <= 0 or kind < 0.6:
            return self.number()
        if kind < 0.7:
            return "time()"
        if kind < 0.85:
            return f"scalar({self.vector(depth - 1)})"
        return f"({self.scalar(depth - 1)} {c.choice(SCALAR_ARITHMETIC)} {self.scalar(depth - 1)})"

    def range(self, depth, fixed=True):
        c = self.chance
        if depth > 0 and c.random() < 0.2:
            width = self.width()
            self.subqueries += 1
            inner = self.vector(depth - 1)
            self.subqueries -= 1
            return f"({inner})[{width}:{c.choice(self.style.subquery_steps)}]"
        metric = c.choice(["g", "one", "c_total"])
        modifiers = self.modifiers() if fixed else ""
        return f"{metric}{self.matchers()}[{self.width()}]{modifiers}"

    def over_time(self, depth):
        c = self.chance
        kind = c.random()
        if kind < 0.25:
            return f"{c.choice(COUNTER_FUNCTIONS)}(c_total{self.matchers()}[{self.width()}]{self.modifiers()})"
        if kind < 0.33:
            return f"quantile_over_time({c.choice(['0.5', '0.9', '-1', '2', '0'])}, {self.range(depth)})"
        if kind < 0.41:
            return f"predict_linear({self.range(depth, fixed=False)}, {c.choice(['60', '3600', '-30'])})"
        if kind < 0.46 and self.knows_absence():
            return f"absent_over_time({self.range(depth)})"
        return f"{c.choice(RANGE_FUNCTIONS)}({self.range(depth)})"

    def aggregation(self, depth):
        c = self.chance
        clause = c.choice(["", "by (i)", "by (j)", "by (i, j)", "without (j)", "without (i)", "by (k)", "by ()"])
        inner = self.vector(depth - 1)
        kind = c.random()
        if kind < 0.1:
            return f"quantile {clause} ({c.choice(['0.5', '0.95', '1.5', 'NaN'])}, {inner})"
        if kind < 0.16:
            return f'count_values {clause} ("v", {self.selector()})'
        if kind < 0.22:
            return f"{c.choice(['topk', 'bottomk'])} {clause} (50, {inner})"
        if kind < 0.26:
            return f"{c.choice(['stddev', 'stdvar'])} {clause} (c_total{self.matchers()})"
        return f"{c.choice(AGGREGATIONS)} {clause} ({inner})"

    def function(self, depth):
        c = self.chance
        inner = self.vector(depth - 1)
        kind = c.random()
        if kind < 0.08:
            return f"clamp({inner}, {self.scalar(0)}, {self.scalar(0)})"
        if kind < 0.14:
            return f"{c.choice(['clamp_min', 'clamp_max'])}({inner}, {self.scalar(1)})"
        if kind < 0.22:
            return f'label_replace({inner}, "{c.choice(["n", "i"])}", "$1-x", "{c.choice(["i", "j"])}", "(.*)")'
        if kind < 0.28:
            return f'label_join({inner}, "n", "-", "i", "j")'
        if kind < 0.34 and self.knows_absence():
            return f"absent({inner})"
        if kind < 0.38:
            return f"round({inner}, {c.choice(['0.1', '5', '1e3'])})"
        if kind < 0.46:
            buckets = c.choice(["h_bucket", "sum by (le) (h_bucket)", f"rate(h_bucket[{self.width()}])", "h_bucket offset 1m"])
            return f"histogram_quantile({c.choice(['0.5', '0.99', '0', '2'])}, {buckets})"
        if kind < 0.48:
            return f"{c.choice(DATES)}(vector(time() * {c.choice([1, 1e4, 1e6])}))"
        if kind < 0.51:
            return f"vector({self.scalar(depth - 1)})"
        name = c.choice(FUNCTIONS)
        return f"{name}({inner})"

    def matching(self):
        c = self.chance
        return c.choice(["", "", " on (i)", " on (i, j)", " ignoring (j)", " ignoring (k)", " on ()"])

    def binary(self, depth):
        c = self.chance
        kind = c.random()
        left = self.vector(depth - 1)
        if kind < 0.4:
            scalar = self.scalar(depth - 1)
            if c.random() < 0.5:
                return f"({left} {c.choice(ARITHMETIC)} {scalar})"
            sides = (left, scalar) if c.random() < 0.7 else (scalar, left)
            return f"({sides[0]} {c.choice(COMPARISONS)}{c.choice(['', ' bool'])} {sides[1]})"
        right = self.vector(depth - 1)
        if kind < 0.6:
            return f"({left} {c.choice(SETS)}{self.matching()} {right})"
        operator = c.choice(ARITHMETIC) if c.random() < 0.6 else c.choice(COMPARISONS) + c.choice(["", " bool"])
        matching = self.matching()
        if matching and c.random() < 0.4:
            matching += c.choice([" group_left ()", " group_right ()", " group_left (k)", " group_right (k)"])
        return f"({left} {operator}{matching} {right})"

    def vector(self, depth):
        if depth <= 0:
            return self.selector()
        return self.pick(self.selector, lambda: self.over_time(depth - 1), lambda: self.over_time(depth - 1),
                         lambda: self.aggregation(depth), lambda: self.function(depth), lambda: self.binary(depth),
                         lambda: self.binary(depth))


def evaluation_time(chance, style):
    """Seconds."""
    return chance.randint(10, STEPS - 1) * style.step_seconds + style.off_grid_seconds
