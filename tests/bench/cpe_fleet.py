"""cpe_fleet: `cpe --fleet` as the load, and its report.

The fleet parses and checks every answer. A session that failed makes all figures worthless, but for a few that the
server refused with 503 because it had no time for them: these are told.
"""

import json
import subprocess

from populations import OUI, PASSWORD, PRODUCT_CLASS


REFUSED, MOST_REFUSED = "http-503", 0.05  # of all sessions


class LoadError(Exception):
    pass


class Fleet:
    """Options are the program's, with underscores: seconds=10, challenge_each_session=True."""

    def __init__(self, binary, url, folder, **options):
        self.report_file, self.log_file = folder / "fleet.json", folder / "fleet.log"
        self.report_file.unlink(missing_ok=True)
        options = {"acs_url": url, "oui": OUI, "product_class": PRODUCT_CLASS, "password": PASSWORD,
                   "retry": "never", "report": self.report_file, **options}
        self.command = [str(binary)]
        for name, value in options.items():
            self.command += ["--" + name.replace("_", "-")] + ([] if value is True else [str(value)])
        with open(self.log_file, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def is_running(self):
        return self.process.poll() is None

    def finish(self, may_fail=False):
        """The report, once the fleet has ended by itself. may_fail: with sessions that did not go well."""
        status = self.process.wait()
        if status and not (self.report_file.exists() and (may_fail or is_bearable(self._report()))):
            tail = "\n".join(self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
            raise LoadError(f"{' '.join(self.command)} ended with status {status}:\n{tail}")
        return self._report()

    def _report(self):
        return json.loads(self.report_file.read_text(encoding="utf-8"))

    def stop(self):
        """Ends it early; its report so far, or None without one."""
        self.process.terminate()
        self.process.wait(60)
        return self._report() if self.report_file.exists() else None


def refused(report):
    return report["failures"].get(REFUSED, 0)


def is_bearable(report):
    sessions = report["sessions"]
    return sessions["failed"] == refused(report) <= MOST_REFUSED * sessions["ok"]
