"""small_disk: a file system in memory, small enough to be filled to its last byte in a moment."""

import os
import shutil
import subprocess


def why_not():
    """Why there can be none, or None."""
    return None if os.getuid() == 0 else "a small file system needs root"


class SmallDisk:

    def __init__(self, folder, megabytes):
        self.folder, self._ballast = folder, folder / "ballast"
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "acs-crash", folder], check=True)

    def fill(self):
        with open(self._ballast, "wb") as ballast:
            while free := os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize:
                try:
                    os.posix_fallocate(ballast.fileno(), ballast.tell(), free)
                    ballast.seek(0, os.SEEK_END)
                except OSError:
                    break  # somebody else was faster

    def free(self):
        self._ballast.unlink(missing_ok=True)

    def remove(self):
        subprocess.run(["umount", "-l", self.folder], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)
