# The commands of the README, and those of the gate.

default:
    @just --list

# The main job on an emulated cloud.
demo:
    cargo run --release -- demo --once

# All tests.
test:
    cargo test --workspace

# The official Python and Node packages against the emulated cloud (needs python3 and npm).
conformance *suites:
    tests/conformance/run {{suites}}

# The console pages in Chromium (needs Debian's chromium, and npm): `just browser --screenshots` also makes docs/screenshots anew.
browser *options:
    tests/browser/run {{options}}

# docs/openapi.json against the schema of OpenAPI 3.1 (needs python3).
openapi-lint:
    tests/conformance/openapi-lint

# What the gate runs.
ci:
    .ci/run

fmt:
    cargo fmt --all

lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Licences, advisories and sources of all dependencies (needs cargo-deny).
deny:
    cargo deny check

# Rewrites golden files after a change that was meant: look at the difference before you commit it.
golden:
    UPDATE_GOLDEN=1 cargo test --workspace

# The functions as static packages in dist/, with bills of materials and checksums: `just package --gnu` for tests here only.
package *options:
    cargo run -p packaging -- build {{options}}

# The packages in dist/, started by the emulated Function Compute, carry the main job and keep within their policies.
package-test:
    cargo test -p packaging --test it -- --ignored

# The description of the deployment, and everything made from it: up to date, and such that cloud and tools take it.
infra-check:
    cargo run -p packaging -- check
    cargo test -p packaging
