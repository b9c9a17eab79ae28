"""Every setting is explained where an operator looks for it, and nothing else is."""

import re

from geo_service.settings import Settings
from tests.guards.sources import listed, text

_PREFIX = Settings.model_config["env_prefix"]
_NAMES = {_PREFIX + field.upper() for field in Settings.model_fields}


def _in_env_example() -> set[str]:
    return set(re.findall(rf"^#? ?({_PREFIX}\w+)=", text(".env.example"), re.MULTILINE))


def _in_operator_table() -> set[str]:
    return set(re.findall(rf"^\| `({_PREFIX}\w+)`", text("docs/guides/operator.md"), re.MULTILINE))


def test_the_settings_are_frozen_and_share_one_prefix():
    assert Settings.model_config["frozen"]
    assert _PREFIX == "GEO_SERVICE_"


def test_every_setting_has_a_line_of_description():
    silent = {name for name, field in Settings.model_fields.items() if not field.description}
    assert not silent, listed(silent)


def test_the_example_environment_holds_exactly_the_settings():
    assert _in_env_example() == _NAMES, listed(_in_env_example() ^ _NAMES)


def test_the_operator_table_holds_exactly_the_settings():
    assert _in_operator_table() == _NAMES, listed(_in_operator_table() ^ _NAMES)


def test_the_example_environment_shows_the_values_in_force_without_it():
    shown = dict(re.findall(rf"^#? ?({_PREFIX}\w+)=(.*)$", text(".env.example"), re.MULTILINE))
    defaults = {_PREFIX + name.upper(): f.default for name, f in Settings.model_fields.items()}
    differing = {name for name, value in shown.items() if str(defaults[name]) != value}
    assert not differing, listed(differing)


def test_the_operator_table_tells_the_values_in_force_without_a_setting():
    row = rf"^\| `({_PREFIX}\w+)` \| ([^|]+) \|"
    told = dict(re.findall(row, text("docs/guides/operator.md"), re.MULTILINE))
    defaults = {_PREFIX + name.upper(): f.default for name, f in Settings.model_fields.items()}
    shown = {
        name: f"`{value}`" if value != "" else "空 · empty" for name, value in defaults.items()
    }
    assert told == shown
