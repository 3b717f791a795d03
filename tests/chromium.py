"""`make test-browser`: the browser tests, with the Chromium of this machine. Arguments go on to pytest."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> str:
    """CHROMIUM from the environment, else the first known name on the path; "" when there is none."""
    given = os.environ.get("CHROMIUM", "")
    return given or next((path for name in NAMES if (path := shutil.which(name))), "")


def main(arguments: list[str]) -> int:
    browser = find()
    if not browser:
        print(
            "The browser tests need Chromium, and none was found here. Install it (on Debian: apt install chromium) "
            "or name it: make test-browser CHROMIUM=/path/to/chromium.",
            file=sys.stderr,
        )
        return 1
    print(f"Browser: {browser}", flush=True)
    command = [sys.executable, "-m", "pytest", "-m", "browser", "tests/browser", *arguments]
    environment = {**os.environ, "CHROMIUM": browser}
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
