"""The interface does what its own description promises, for requests nobody thought of."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.doors import HOME, open_door
from tests.houses import center, grid_code
from tests.photos import photo

_PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_PARTS = 8
"""A test has a limit of time, and every operation of the interface has a second of it or more."""

_REAL = {
    "layer": ["grid", "community", "lane"],
    "code": [grid_code(0, 0), "9990010101"],
    "number": [1, 2],
    "before": [1],
    "after": [1, 9],
    "issue_id": [1, 2],
    "name": ["上级平台"],
}


def map_path_parameters(_context, path_parameters):
    """Let half of the addresses be real ones; what is drawn decides which."""
    for name, value in (path_parameters or {}).items():
        draw = sum(str(value).encode())
        if name in _REAL and draw % 2:
            path_parameters[name] = _REAL[name][draw // 2 % len(_REAL[name])]
    return path_parameters


@pytest.fixture(scope="module")
def interface(tmp_path_factory):
    """The description of a service on a street with one issue that has a photo, and a webhook."""
    door = open_door(tmp_path_factory.mktemp("openapi"), webhook_targets="127.0.0.1:9")
    lon, lat = center(0, 0)
    issue = {"source": "12345", "external_id": "A1", "reported_at": "2025-06-10"}
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    assert door.post("/api/v1/issues", json=issue | place).status_code == 201
    hook = {"name": "上级平台", "url": "http://127.0.0.1:9/"}  # a port that nobody listens on
    assert door.post("/api/v1/webhooks", json=hook).status_code == 201
    form = {"kind": "report", "role": "handler"}
    attached = door.post(
        "/api/v1/issues/1/attachments", files={"file": ("a.jpg", photo())}, data=form
    )
    _REAL["digest"] = [attached.json()["hash"]]
    described = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", door.app, headers={"Host": "127.0.0.1"}
    )
    described.config.base_url = HOME
    described.hook(map_path_parameters)
    return described


@pytest.mark.parametrize("part", range(_PARTS))
def test_every_answer_is_as_described(interface, part):
    operations = [found.ok() for found in interface.get_all_operations()]
    assert len(operations) > 12
    for operation in operations[part::_PARTS]:
        _answers_as_described(operation, GenerationMode.POSITIVE)
        if operation.query or operation.path_parameters or operation.body:  # else nothing is wrong
            _answers_as_described(operation, GenerationMode.NEGATIVE)


def _answers_as_described(operation, mode):
    @settings(
        max_examples=settings().max_examples // 4,  # of CI 25, and on a second database 8
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        answer = case.call(headers={"Host": "127.0.0.1"})
        case.validate_response(answer, checks=_PROMISES)

    check()
