"""tables: figures as text, aligned for a terminal or as Markdown."""

from statistics import median

COLUMNS = {
    "rate": ("sessions/s", "{:.0f}"),
    "server_us": ("server µs", "{:.0f}"),
    "postgres_us": ("PostgreSQL µs", "{:.0f}"),
    "load_us": ("load µs", "{:.0f}"),
    "wal_bytes": ("WAL bytes", "{:.0f}"),
    "rss_mb": ("RSS MB", "{:.0f}"),
    "p50_ms": ("p50 ms", "{:.1f}"),
    "p95_ms": ("p95 ms", "{:.1f}"),
    "p99_ms": ("p99 ms", "{:.1f}"),
    "max_ms": ("max ms", "{:.1f}"),
    "others_cpus": ("others' CPUs", "{:.2f}"),
}


def medians(runs):
    """One row of figures from those of several runs."""
    return {key: median(run[key] for run in runs) for key in runs[0]}


def render(head, rows, is_markdown):
    """The first column to the left, all others to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells):
        aligned = [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))]
        return "| " + " | ".join(aligned) + " |" if is_markdown else "  ".join(aligned).rstrip()

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" if is_markdown else "-" * width for width in widths[1:])]
    return "\n".join(map(line, [head, rule, *rows]))


def costs(found):
    """Of the scenarios that consist of sessions: one row each."""
    head = ["scenario", *(title for title, _ in COLUMNS.values())]
    rows = [[name, *(form.format(figures[key]) for key, (_, form) in COLUMNS.items())]
            for name, figures in found.items() if "rate" in figures]
    return head, rows


def goals(found, all_goals):
    """Each goal that can be judged, with what was measured beside it."""
    rows = []
    for goal in all_goals:
        try:
            value = goal.value(found)
        except KeyError:
            continue
        is_met = value >= goal.limit if goal.is_least else value <= goal.limit
        bound = "≥" if goal.is_least else "≤"
        rows.append([goal.what, f"{bound} {goal.limit:,} {goal.unit}", f"{value:,.{digits(value)}f}",
                     "met" if is_met else "missed"])
    return ["goal", "limit", "measured", ""], rows


def digits(value):
    """So that small figures keep what distinguishes them."""
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2


def ratios(found, before):
    """Medians now as parts of those of the baseline."""
    head = ["current ÷ baseline", *(title for title, _ in COLUMNS.values())]
    rows = []
    for name, now in found.items():
        then = before.get(name, {})
        if "rate" in now and "rate" in then:
            rows.append([name, *(f"{now[key] / then[key]:.2f}" if then[key] else "–" for key in COLUMNS)])
    return head, rows


def others(found):
    """The figures that have no column, under their own names."""
    rows = [[f"{name}: {key}", f"{value:,.{digits(value)}f}"] for name, figures in found.items()
            for key, value in figures.items() if key not in COLUMNS and key != "sessions"]
    return ["figure", "measured"], rows
