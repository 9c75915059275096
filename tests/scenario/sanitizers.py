"""sanitizers: where AddressSanitizer and its kin of the programs under test report."""


class Sanitizers:
    """The environment in which programs run, and what the sanitizers in them had to say."""

    def __init__(self, folder):
        self.reports = folder / "sanitizers"
        self.reports.mkdir()
        self.reports.chmod(0o777)
        common = f"log_path={self.reports}/report:abort_on_error=1"
        self.environment = {
            "ASAN_OPTIONS": f"{common}:detect_leaks=1:detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": f"{common}:print_stacktrace=1:halt_on_error=1",
            "LSAN_OPTIONS": "print_suppressions=0",
        }

    def findings(self):
        return [path.read_text(errors="replace")[:8000] for path in sorted(self.reports.iterdir())]
