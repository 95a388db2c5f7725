"""The suite that the modules beside this one add their cases to."""

from harness import Suite

suite = Suite("tablestore/python")
