"""screen: what a guided tour prints, and the account of what held and what did not."""

import json
import shlex
import sys


class Screen:
    """Headings, calls as a person would type them, their answers, and checks."""

    def __init__(self):
        self.step_count = self.held = self.failed = 0
        self.in_colour = sys.stdout.isatty()

    def _style(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.in_colour else text

    def step(self, title):
        self.step_count += 1
        print("\n" + self._style("1", f"{self.step_count}. {title}"), flush=True)

    def tell(self, text):
        print("   " + text, flush=True)

    def command(self, text):
        print("   " + self._style("36", f"$ {text}"), flush=True)

    def call(self, url, method, path, body, answer, file="FILE"):
        """An API call as a curl command, and its answer. A body of bytes is shown as `file`."""
        words = ["curl", "-s"]
        if method != ("GET" if body is None else "POST"):
            words += ["-X", method]
        words += ["-H", '"Authorization: Bearer $TOKEN"']
        if isinstance(body, bytes):
            words += ["--data-binary", shlex.quote(f"@{file}")]
        elif body is not None:
            words += ["--json", shlex.quote(json.dumps(body, ensure_ascii=False))]
        target = url + path
        self.command(" ".join([*words, shlex.quote(target) if set(target) & set("?&") else target]))
        self.answer(answer)

    def answer(self, answer):
        print(f"   {answer.status}", end="")
        try:
            text = json.dumps(shortened(answer.json), indent=2, ensure_ascii=False)
        except ValueError:
            text = answer.body.decode(errors="replace")[:200]
        print("".join(f" {line}\n   " for line in text.splitlines()).rstrip(), flush=True)

    def check(self, what, is_true, found=None):
        """One assertion; what was found instead is printed when it does not hold."""
        if is_true:
            self.held += 1
            print("   " + self._style("32", "✓ ") + what, flush=True)
            return
        self.failed += 1
        print("   " + self._style("31", "✗ ") + what, flush=True)
        if found is not None:
            print(f"     found: {found!r}", flush=True)

    def equal(self, what, found, expected):
        self.check(f"{what} = {expected}", found == expected, found)


def shortened(value, items=3, characters=100):
    """A JSON value with long lists and texts cut, for reading."""
    if isinstance(value, dict):
        return {name: shortened(v, items, characters) for name, v in value.items()}
    if isinstance(value, list):
        rest = [f"… {len(value) - items} more"] if len(value) > items else []
        return [shortened(v, items, characters) for v in value[:items]] + rest
    if isinstance(value, str) and len(value) > characters:
        return value[:characters] + "…"
    return value
