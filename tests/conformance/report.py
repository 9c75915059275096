"""report: results as a table to read, as Markdown for the documentation, and as JUnit for sums."""

import sys
import xml.etree.ElementTree as ET
from collections import Counter

from runner import FAIL, NOT_APPLICABLE, PASS

COLOURS = {PASS: "32", FAIL: "31", NOT_APPLICABLE: "33"}


def item_table(results):
    print("\n".join(item_line(result) for result in results))
    print(totals(results))


def item_line(result):
    item = result.subject
    mark = " (u)" if item.is_unconfirmed else ""
    lines = [f"{item.name}  {coloured(result.outcome)}  {result.seconds:5.1f} s  {item.title}{mark}"]
    if result.detail:
        lines.append(f"{'':34}{result.detail}")
    return "\n".join(lines)


def fault_table(results):
    for result in results:
        word = "caught" if result.outcome == PASS else "NOT CAUGHT"
        print(f"CWMP-{result.subject.number:03}  {word:10}  {result.subject.title}")
        if result.outcome != PASS:
            print(f"{'':22}{result.detail}")
    caught = sum(result.outcome == PASS for result in results)
    print(f"deliberate faults: {caught} of {len(results)} caught")


def totals(results):
    count = {outcome: sum(r.outcome == outcome for r in results) for outcome in (PASS, FAIL, NOT_APPLICABLE)}
    return ", ".join(f"{number} {outcome}" for outcome, number in count.items())


def coloured(outcome):
    text = f"{outcome:14}"
    return f"\033[{COLOURS[outcome]}m{text}\033[0m" if sys.stdout.isatty() else text


def markdown(results, fault_results):
    """The table for the documentation, with the number of deliberate faults that each item has caught."""
    caught = Counter(result.subject.number for result in fault_results if result.outcome == PASS)
    lines = ["| item | result | faults caught | what it asks |", "|---|---|---|---|"]
    for result in results:
        item = result.subject
        mark = " (u)" if item.is_unconfirmed else ""
        lines.append(f"| {item.name} | {result.outcome} | {caught[item.number] or ''} | {item.title}{mark} |")
    total = f"{totals(results)}; {caught.total()} of {len(fault_results)} deliberate faults caught"
    return "\n".join([*lines, "", total])


def junit(path, item_results, fault_results):
    suite = ET.Element("testsuite", name="conformance")
    for result in item_results:
        case = add_case(suite, "items", f"{result.subject.name} {result.subject.title}", result)
        if result.outcome == FAIL and not result.subject.is_unconfirmed:
            ET.SubElement(case, "failure", message=result.detail).text = result.trace
        elif result.outcome != PASS:
            ET.SubElement(case, "skipped", message=result.detail)
    for result in fault_results:
        name = f"CWMP-{result.subject.number:03} catches: {result.subject.title}"
        case = add_case(suite, "faults", name, result)
        if result.outcome == FAIL:
            ET.SubElement(case, "failure", message=result.detail).text = result.trace
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def add_case(suite, kind, name, result):
    return ET.SubElement(suite, "testcase", classname=f"conformance.{kind}", name=name,
                         time=f"{result.seconds:.3f}")
