"""What every Python suite shares: the emulator's description, its control listener, and one line a case."""

import json
import os
import sys
import traceback
import urllib.request

EMULATOR = json.loads(os.environ["EMULATOR"])
"""The description that the emulator printed when it started."""


def address(service):
    """`host:port` of a service."""
    return EMULATOR["endpoints"][service].removeprefix("http://")


def key_of(owner):
    """The access key of an identity; that of a role has a security token."""
    return next(key for key in EMULATOR["access_keys"] if key["owner"] == owner)


def control(method, path, body=None):
    """Asks the emulator's control listener."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        EMULATOR["endpoints"]["control"] + path, data, {"content-type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


def fail_next(operation, status, code, times=1):
    """Makes the next calls of an operation fail with an error."""
    outcome = {"error": {"status": status, "code": code}}
    control("POST", "/failures", {"operation": operation, "times": times, "outcome": outcome})


def calls(operation):
    """The calls of an operation since the log was emptied."""
    return [call for call in control("GET", "/calls") if call["operation"] == operation]


def equal(found, expected):
    """Fails with both values if they differ."""
    if found != expected:
        raise AssertionError(f"found {found!r}, expected {expected!r}")


class Suite:
    """Cases in the order in which they are written down."""

    def __init__(self, name):
        self.name = name
        self.cases = []

    def case(self, function):
        """Adds a case; its name is that of the function."""
        self.cases.append(function)
        return function

    def run(self):
        """Runs every case, prints a line for each and ends the process."""
        failed = 0
        for function in self.cases:
            title = function.__name__.replace("_", " ")
            try:
                function()
                print(f"ok    {self.name}: {title}", flush=True)
            except Exception:  # whatever a package throws is a failed case, not the end
                failed += 1
                print(f"FAIL  {self.name}: {title}", flush=True)
                traceback.print_exc(file=sys.stderr)
        print(f"total {self.name}: {len(self.cases) - failed} of {len(self.cases)}", flush=True)
        sys.exit(1 if failed else 0)
