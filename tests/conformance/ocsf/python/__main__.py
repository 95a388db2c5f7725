"""Packages ocsf-json-schema 1.2.0 and jsonschema 4.26.0 validate what `reaper export --format ocsf` writes.

The first one carries the schema of OCSF and makes a JSON Schema of each class, which forbids attributes that the class does
not have."""

import functools
import json
import os
import subprocess
import tempfile

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from harness import EMULATOR, Suite, equal, key_of

suite = Suite("ocsf/python")
VERSION = "1.7.0"
"""The version that every record states, and is held to."""

SCHEMA = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))


@functools.cache
def validator(class_uid):
    """What a record of a class is held to, without profiles: none is stated."""
    name = SCHEMA.lookup_class_name_from_uid(class_uid=class_uid)
    schema = SCHEMA.get_class_schema(class_name=name, profiles=[])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(record):
    """Everything that is wrong with a record, for people."""
    if record["metadata"]["version"] != VERSION:
        return [f"it states version {record['metadata']['version']}"]
    return [f"{error.json_path}: {error.message}" for error in validator(record["class_uid"]).iter_errors(record)]


def valid(lines):
    """The records of an export, every one of which is valid."""
    records = [json.loads(line) for line in lines.splitlines()]
    for record in records:
        if found := problems(record):
            raise AssertionError(f"{record['metadata']['event_code']} {record['metadata']['uid']}: {'; '.join(found)}")
    return records


def reaper(folder, *arguments):
    """Runs the program on the emulated cloud."""
    settings = {"HOME": folder}
    for service in ["cs", "ram", "ims", "sts", "sls", "actiontrail"]:
        settings[f"REAPER_CLOUD_ENDPOINTS_{service.upper()}"] = EMULATOR["endpoints"][service]
    credentials = key_of("reaper")
    settings["ALIBABA_CLOUD_ACCESS_KEY_ID"] = credentials["access_key_id"]
    settings["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = credentials["access_key_secret"]
    settings["ALIBABA_CLOUD_SECURITY_TOKEN"] = credentials["security_token"]
    ended = subprocess.run([os.environ["REAPER"], *arguments], cwd=folder, env=settings, capture_output=True, text=True,
                           timeout=120)
    if ended.returncode not in (0, 3):
        raise AssertionError(f"{ended.returncode}: {ended.stderr}")
    return ended.stdout


def every_event():
    """A record of every event that may be stored."""
    return subprocess.run([os.environ["OCSF_OF_EVERY_EVENT"]], capture_output=True, text=True, timeout=120,
                          check=True).stdout


@suite.case
def a_record_of_every_event_that_may_be_stored_is_valid():
    records = valid(every_event())
    golden = os.path.join(os.path.dirname(__file__), "../../../../shared/kubeconfig/tests/golden/events.jsonl")
    with open(golden, encoding="utf-8") as lines:
        equal([record["metadata"]["event_code"] for record in records], [json.loads(line)["type"] for line in lines])
    equal({record["class_uid"] for record in records}, {3001, 3004})


@suite.case
def what_a_sweep_stored_is_valid():
    with tempfile.TemporaryDirectory() as folder:
        reaper(folder, "sweep")
        records = valid(reaper(folder, "export", "--format", "ocsf"))
    kinds = {record["metadata"]["event_code"] for record in records}
    missing = {"KubeconfigObserved", "IdentityObserved", "ClusterObserved", "RevocationConfirmed", "SweepCompleted"} - kinds
    equal(missing, set())


@suite.case
def the_validator_notices_what_is_not_in_the_schema():
    first = json.loads(every_event().splitlines()[0])
    for change in [{"activity_id": 55}, {"nonsense": 1}, {"time": "2026-01-01"}, {"severity_id": None}]:
        if not problems({**first, **change}):
            raise AssertionError(f"{change} is not noticed")
    without = {name: value for name, value in first.items() if name != "entity"}
    if not problems(without):
        raise AssertionError("a missing entity is not noticed")


suite.run()
