# Everything that is done to this repository has a name here; `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help run demo demo-breaker tools check test test-full test-update sim sim-controls sim-replay footprint bench image chart cluster-test

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: ## build and serve everything on this machine, beside a NATS server of its own
	@scripts/run

demo: ## play the stories against what `make run` serves; ARGS=--json for programs
	@scripts/demo $(ARGS)

demo-breaker: ## show what a slow payment provider does to people who pay; ARGS=--json for programs
	@scripts/demo-breaker $(ARGS)

tools: ## bring the tools into .tools/: nats-server, grpcurl, buf, cargo-deny, judges of OpenAPI, a mail server
	@scripts/nats
	@scripts/grpcurl
	@scripts/buf
	@scripts/cargo-deny
	@scripts/python-packages openapi
	@scripts/python-packages smtp

check: ## format, lints, docs, contracts, licences: all that is known without running
	@scripts/check

test: ## every test, against real brokers and databases
	@scripts/test

test-full: ## the same, with the long ones at full length
	@JANGTEO_TEST_FULL=1 scripts/test

test-update: ## update a market in use from another version, and roll it back: FROM=v0.1.0, or a commit
	@FROM="$(FROM)" scripts/test-update

sim: ## all contexts in hostile worlds, from seeds: SEEDS=100000, FROM=…
	@scripts/sim run --coverage --seeds $(or $(SEEDS),2000) --from $(or $(FROM),0)

sim-controls: ## the same worlds with known bugs in them, each of which has to be found
	@scripts/sim controls

sim-replay: ## what happens in one world: PLAN='{"seed": 7}'
	@scripts/sim replay '$(PLAN)'

image: ## the image of all services, with an engine or without one; PLATFORMS=linux/amd64,linux/arm64 with one
	@scripts/image

chart: ## the chart: lint, renders, schemas, refusals, Istio's analysis, alert rules; brings its tools
	@scripts/chart

cluster-test: ## the chart on a real cluster: KUBECONFIG=…; DATABASES=postgres://…/{context} for no downtime, POLICIES=1
	@scripts/cluster-test

footprint: ## size, start, memory and idle work of the release build
	@scripts/footprint

bench: ## speed beside what the machine could do: BENCH="P1 P4 --json bench.json" for some of it
	@scripts/bench $(BENCH)
