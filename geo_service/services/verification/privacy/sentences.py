"""What can be wrong with photos and erasures, in two languages, and what to do about each."""

from collections.abc import Mapping
from typing import Final

PRIVACY_ADVICE: Final[Mapping[str, tuple[str, str]]] = {
    "file": (
        "从备份里取出同名文件（attachments/ 下）放回原处，再核对一次",
        "take the file of this name out of a backup (under attachments/), put it back and verify"
        " again",
    ),
    "erase": (
        "查明是谁改动了数据库；把这几列清空，或从备份恢复后再抹除",
        "find out who altered the database; empty these columns, or restore a backup and erase"
        " again",
    ),
}

PRIVACY_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    "lost_attachment": (
        "事件里有照片 {hash}，attachments 里没有，或内容不同",
        "its events tell of a photo {hash} that attachments has not, or has otherwise",
        "restore",
    ),
    "untold_attachment": (
        "没有任何事件说到这张照片",
        "no event tells of this photo",
        "restore",
    ),
    "missing_file": ("照片文件 {file} 不见了", "the file {file} is gone", "file"),
    "damaged_file": (
        "照片文件 {file} 与散列不符",
        "the file {file} is not what its hash says",
        "file",
    ),
    "odd_erasure": (
        "抹除时间与事件不符",
        "when it was erased is not what its events say",
        "restore",
    ),
    "not_erased": (
        "已抹除，却还有 {names}",
        "it was erased, and still holds {names}",
        "erase",
    ),
}
