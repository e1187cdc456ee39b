# `make demo` and `make test` do all of their own set-up; the rest is for working on transship.

.PHONY: demo demo-dryad demo-mem0 demo-mindgraph demo-taskflow demo-dryad-whole test recipe model mutations faults bench fmt lint doc clean-demo

# The sample that `make demo` shows: dryad, in short; or mem0, mindgraph, taskflow, dryad-whole, from backup to the way back. For
# `make recipe`, the recipes.
APP ?= dryad

# Shows plan, progress and proof on a sample.
demo: demo-$(APP)

demo-dryad:
	scripts/require-postgresql
	cargo build --quiet --package transship --package build-database
	target/debug/build-database specs/dryad/dryad.sql specs/dryad/dryad.db
	scripts/demo

demo-mem0 demo-mindgraph demo-taskflow demo-dryad-whole:
	scripts/require-postgresql
	scripts/require-test-programs
	cargo build --quiet --package transship --package build-database
	scripts/whole-way $(patsubst demo-%,%,$(@:-whole=))

# What CI runs.
test: lint
	scripts/require-postgresql
	scripts/require-chromium
	scripts/require-test-programs
	scripts/require-validators >/dev/null
	scripts/require-sqlalchemy >/dev/null
	scripts/require-mysql >/dev/null
	cargo test --features failpoints,mutations
	scripts/faults
	$(MAKE) doc
	$(MAKE) demo
	$(MAKE) --jobs=2 --output-sync=target demo-mem0 demo-mindgraph demo-taskflow demo-dryad-whole

# Tries recipes with the real application on both sides: make recipe APP="jupyterhub prefect"; not part of make test.
recipe:
	scripts/require-postgresql
	cargo build --quiet --package transship
	scripts/recipe $(filter-out dryad,$(APP))

# Explores the ownership protocol: every state, and what each of its guards prevents (TRANSSHIP_MODEL=1 shows how).
model:
	cargo test --quiet --test model

# Makes the encoder wrong in every way that has a name, and lets the proof look for it.
mutations:
	scripts/require-postgresql
	cargo test --quiet --features mutations --test mutations

# Faults that were found from outside, each judged by psql and sqlite3.
faults:
	scripts/require-postgresql
	scripts/require-test-programs
	cargo build --features failpoints
	scripts/faults

# Whole migrations against the floor (PostgreSQL alone) and the peers; benches/migration/main.rs has the variables.
bench:
	scripts/require-postgresql
	cargo bench --bench migration

lint:
	cargo fmt --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

fmt:
	cargo fmt

# Forgets what the demonstration made.
clean-demo:
	rm -rf specs/dryad/.transship specs/dryad/dryad.db target/whole-way
