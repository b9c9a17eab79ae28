"""Why a message was not taken: a few kinds, each with a sentence in two languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

STATUS, TIMEOUT, CONNECTION, TLS = "status", "timeout", "connection", "tls"
TARGET, NAME, ANSWER = "target", "name", "answer"

_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        STATUS: ("对方答复 {}", "it answered {}"),
        TIMEOUT: ("{} 秒内没有答复", "no answer within {} s"),
        CONNECTION: ("连不上：{}", "no connection: {}"),
        TLS: ("TLS 校验不通过：{}", "TLS failed: {}"),
        TARGET: (
            "解析到不在允许范围的地址：{}",
            "it resolves to an address that is not allowed: {}",
        ),
        NAME: ("主机名解析不了：{}", "the name cannot be resolved: {}"),
        ANSWER: ("答复不是 HTTP：{}", "what it answered is no HTTP: {}"),
    }
)
_LONGEST = 200


class Failure(NamedTuple):
    """What went wrong; ``detail`` is a number or a system's own words, never what was sent."""

    kind: str
    detail: str

    @property
    def stored(self) -> str:
        """As it is kept."""
        return f"{self.kind} {self.detail}"[:_LONGEST]


def failure_text(stored: str, language: str = "zh") -> str:
    """Return a kept failure as a sentence."""
    kind, _, detail = stored.partition(" ")
    zh, en = _SENTENCES[kind]
    return (en if language == "en" else zh).format(detail)
