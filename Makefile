# What a developer does here. "make" lists it.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 10s

export CGO_ENABLED = 0

.PHONY: help run check lint bench siege soak fuzz golden interop postgres s3

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: ## start a server with demo data
	go run ./cmd/skranke demo

check: ## format, vet, lint, test: what every change must pass
	@test -z "$$(gofmt -l .)" || { echo "not gofmt-ed:"; gofmt -l .; exit 1; }
	go vet ./...
	$(MAKE) --no-print-directory lint
	go test ./...

lint: ## staticcheck, as staticcheck.conf says
	@if command -v staticcheck >/dev/null; then staticcheck ./...; else go run $(STATICCHECK) ./...; fi

bench: ## run every benchmark, then measure calls against a floor (BENCH=-quick for less)
	go test -run '^$$' -bench . -benchmem ./...
	go run ./bench $(BENCH)

siege: ## attack a server and measure what a good caller notices of it; fails if that is more than the bounds allow
	go run ./bench -siege

soak: ## kill servers under load on both databases, fill disks, cut databases off, upgrade; look for losses (SOAK="-kills 1000 -for 1h" for more)
	go run ./soak $(SOAK)
	.ci/postgres sh -c 'go run ./soak $(SOAK) -database "$$SKRANKE_TEST_POSTGRES"'
	SKRANKE_REQUIRE_TOOLKITS=1 go test -count 1 -timeout 20m -run 'Disk|Folder|Locked|Crash|Upgrade|Version' ./soak ./store
	.ci/postgres go test -count 1 -timeout 20m -run 'Postgres|Crash|Upgrade|Version' ./soak ./store

fuzz: ## fuzz every target for FUZZTIME (10s) each
	@set -e; for pkg in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -rn1 dirname | sort -u); do \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]*' $$pkg/*_test.go | cut -c6-); do \
	    echo "$$pkg $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$pkg; \
	  done; done

golden: ## rewrite the golden files; fails if that changes any
	@set -e; for pkg in $$(grep -rlE 'flag\.Bool\("update"' --include='*_test.go' . | xargs -rn1 dirname | sort -u); do \
	  echo "$$pkg"; go test $$pkg -update; done
	git diff --exit-code -- ':(glob)**/testdata/**'

postgres: ## run the tests of all that meets the database on a PostgreSQL server of their own
	.ci/postgres go test -timeout 20m ./store/... ./desk/... ./ports/... ./server/... ./transfer/... ./mailbox/...
	.ci/postgres go test -timeout 20m -run 'Copy|Postgres' ./cmd/skranke
	.ci/postgres go test -timeout 20m -run 'Soak|Postgres' ./soak

s3: ## run the tests of attachments in a bucket against a real store that speaks S3
	.ci/s3 go test -count=1 -run '^TestS3' ./store ./desk ./cmd/skranke

interop: ## install foreign SOAP toolkits (Debian, as root) and let all of them call the server
	.ci/run toolkits
	SKRANKE_REQUIRE_TOOLKITS=1 go test ./e2e
