# 网格一张图 · geo_service. `make help` lists the targets; each is a line or a few.
PORT ?= 8000
PYTHON ?= python3
UPGRADE ?=

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input install --quiet
LOCKED := $(PIP) --require-hashes --no-deps --only-binary :all: -r
# in the order of the folders: by the number of their tests, files of one long test would come last
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/guards
# tests that tell by example what is done; noting which lines run doubles the time of any other
EXAMPLES := tests/e2e/test_api_* tests/e2e/test_cli_* tests/integration tests/unit
OTHERS := $(foreach each,$(EXAMPLES),--ignore-glob '$(each)')
UV := $(PY) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate $(UPGRADE)

.PHONY: help demo test check assets bundle bench picture format lock packages clean

help: ## list the targets · 列出全部命令
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

# a database of its own: your boundaries and the fictional ones never meet
demo: export GEO_SERVICE_PROFILE ?= x-street
demo: export GEO_SERVICE_DATABASE_URL ?= sqlite:///var/demo$(patsubst %,-%,$(filter-out x-street,$(basename $(notdir $(GEO_SERVICE_PROFILE))))).db
demo: .venv/.runtime static/vendor/.built ## demo data and service on 127.0.0.1, PORT=8000 · 演示数据与服务
	@exec $(PY) -m geo_service demo up --port $(PORT)

test: export HYPOTHESIS_PROFILE ?= ci
test: packages .venv/.dev static/vendor/.built check ## everything that CI runs · 全部检查与测试
	@$(PY) -m pytest $(SIDE_BY_SIDE) $(EXAMPLES) --cov --cov-report=
	@$(PY) -m pytest $(SIDE_BY_SIDE) $(OTHERS)
	@$(PY) -m pytest $(SIDE_BY_SIDE) --database postgresql
	@$(PY) -m coverage report --skip-covered --fail-under 100 --include 'geo_service/layers/*,geo_service/governance/*,geo_service/errors/*'

check: .venv/.dev ## ruff, mypy, import-linter, guards · 静态检查
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()' --no-logo
	@$(PY) -m pytest -q tests/guards

assets: static/vendor/.built ## third-party browser files into static/vendor · 浏览器资源

bundle: .venv/.runtime static/vendor/.built ## one file that installs without internet, into dist/ · 离线安装包
	@$(PY) bundle/build.py

bench: .venv/.bench static/vendor/.built ## measure, print tables (bench/) · 性能测量
	@-.ci/packages postgis # without it PostGIS is named as missing
	@for file in bench/[a-z]*.py; do $(PY) -m bench.$$(basename "$$file" .py) || exit 1; done

picture: packages .venv/.dev static/vendor/.built ## the README's picture, from the demo · 更新 README 截图
	@$(PY) docs/picture.py

format: .venv/.dev ## rewrite the sources in house style · 统一格式
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format .

lock: .venv/.dev ## pin again after a change in pyproject.toml; UPGRADE=--upgrade for newest · 重新锁定依赖
	@$(UV) --extra postgis --group build pyproject.toml -o constraints.txt
	@$(UV) --extra postgis --group build --group dev -c constraints.txt pyproject.toml -o constraints-dev.txt
	@$(UV) --group pyproject.toml:npm -o constraints-npm.txt
	@$(UV) --extra postgis --group build --group dev --group bench -c constraints-dev.txt pyproject.toml -o constraints-bench.txt

clean: ## remove what the other targets made; keeps var/, where your data is · 清理（保留 var/ 数据）
	@rm -rf .venv static/vendor frontend/node_modules build dist htmlcov .coverage* .*_cache .hypothesis .schemathesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

packages:
	@.ci/packages browser
	@.ci/packages postgis

.venv/.base:
	@PYTHON='$(PYTHON)' .ci/packages venv
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: constraints.txt pyproject.toml | .venv/.base
	@echo '正在准备 .venv，首次约一两分钟 · preparing .venv, a minute or two the first time'
	@$(LOCKED) constraints.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime constraints-dev.txt
	@$(LOCKED) constraints-dev.txt
	@touch $@

.venv/.bench: .venv/.dev constraints-bench.txt
	@$(LOCKED) constraints-bench.txt
	@touch $@

# a machine without npm gets one from a pinned wheel, into .venv alone
static/vendor/.built: frontend/package.json frontend/package-lock.json frontend/build_assets.py | .venv/.runtime
	@command -v npm > /dev/null || $(LOCKED) constraints-npm.txt
	@$(PY) frontend/build_assets.py
	@touch $@
