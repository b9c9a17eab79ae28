"""What can be wrong with photos and records of issues."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors.error import Conflict, GeoServiceError, InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class NotAPhoto(InvalidInput):
    """A file that was sent as a photo is something else."""

    where: str
    found_zh: str
    found_en: str
    zh = "{where} 不是能收的照片，而是{found_zh}：请上传 JPEG、PNG 或 WebP"
    en = "{where} is no photo that is taken, but {found_en}: send JPEG, PNG or WebP"


@dataclass(eq=False)
class DamagedPhoto(InvalidInput):
    """A photo cannot be decoded to its end."""

    where: str
    found_zh: str
    found_en: str
    zh = "{where} 看上去是{found_zh}，但内容不完整或已损坏，解不出来：请重新拍摄或重新传一次"
    en = "{where} begins as {found_en}, but is cut off or damaged and cannot be decoded: take it or send it again"


@dataclass(eq=False)
class AttachmentNotFound(NotFound):
    """An issue has no such attachment, or no longer."""

    issue: int
    hash: str
    zh = "问题 {issue} 没有附件 {hash}（或已抹除）"
    en = "issue {issue} has no attachment {hash}, or no longer"


@dataclass(eq=False)
class AttachmentsMissing(Conflict):
    """A step wants photos or records that were not attached."""

    step_zh: str
    step_en: str
    missing: "Sequence[str]"
    missing_zh: "Sequence[str]"
    zh = "还不能{step_zh}：缺少{missing_zh}的照片；先上传，再办理（重办或改派之前传的不算）"
    en = "{step_en} is not possible yet: no photo of kind {missing} is attached; attach it first (those from before it was reopened or assigned anew do not count)"


@dataclass(eq=False)
class PhotoOnOtherSide(Conflict):
    """One photo cannot show a place both before and after it was dealt with."""

    issue: int
    attached_as: str
    attached_as_zh: str
    zh = "这张照片已作为“{attached_as_zh}”存入，不能再当作处置前后另一边的照片"
    en = "this photo is attached as '{attached_as}': it cannot stand on the other side of what was done"


@dataclass(eq=False)
class AttachmentDamaged(GeoServiceError):
    """The file of an attachment is gone, or its bytes are not those that were stored."""

    hash: str
    zh = "附件 {hash} 的文件丢失或已损坏：请从备份中取回附件文件夹里的同名文件，并运行 geo-service verify"
    en = "the file of attachment {hash} is gone or damaged: take the file of this name in the attachment folder from a backup, and run geo-service verify"


@dataclass(eq=False)
class AttachmentsUnwritable(Unavailable):
    """The folder of attachments takes nothing now."""

    where: str
    reason: str
    zh = "附件文件夹 {where} 写不进去：{reason}。附件没有存入；请检查磁盘空间和写权限，服务不用重启，再试一次即可"
    en = "the attachment folder {where} cannot be written to: {reason}. Nothing was attached; look at disk space and permissions and try again, the service needs no restart"
