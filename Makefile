# Every target is one command; `make help` lists them.
.PHONY: help demo test check fuzz fmt bench soak screenshots

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/'

demo: ## set up, build, fill a demonstration department, serve it on 127.0.0.1:8080
	@scripts/need demo && cargo build --release --locked -p vigil && exec target/release/vigil demo --data-dir demo-data --listen 127.0.0.1:8080

test: ## set up and pass every test, the browser's included
	@scripts/need test && scripts/test

check: ## formatting and lints, warnings denied
	@cargo fmt --all --check && cargo clippy --locked --workspace --all-targets -- -D warnings

fuzz: ## two minutes of fuzzing for each reader; scripts/fuzz SECONDS [TARGET] does more or less
	@scripts/need fuzz && scripts/fuzz 120

fmt: ## format
	@cargo fmt --all

bench: ## every figure of docs/performance.md, on this machine
	@scripts/bench

soak: ## 200 simulated years, 1,000 kills, 10,000 shuffles, an hour of fuzzing; a dated report in docs/soak/
	@scripts/need test && scripts/soak

screenshots: ## the pictures of the README, made by a browser from the demonstration
	@scripts/need test && scripts/screenshots
