# The commands of the README, and those of the gate.

default:
    @just --list

# The main job on an emulated cloud.
demo:
    cargo run --release -- demo --once

# All tests.
test:
    cargo test --workspace

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
