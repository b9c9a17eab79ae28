"""What can be wrong with the database, its copies and its backups."""

from dataclasses import dataclass

from geo_service.errors.error import Conflict, InvalidInput, Unavailable


@dataclass(eq=False)
class StorageUnavailable(Unavailable):
    """The database cannot be read or written now."""

    reason: str
    zh = "数据库暂时不可用：{reason}。这一步没有写入任何内容，可稍后重试"
    en = "the database is not available: {reason}. This step wrote nothing; try again later"


@dataclass(eq=False)
class ImportInterrupted(StorageUnavailable):
    """The database went away in the middle of a list whose first rows were stored already."""

    rows_done: int
    zh = "数据库暂时不可用：{reason}。前 {rows_done} 行已处理完毕并保留；稍后把同一文件再导入一次，会从中断处继续"
    en = "the database is not available: {reason}. The first {rows_done} rows are done and stay; import the same file again later, it goes on where it stopped"


@dataclass(eq=False)
class DiskFull(StorageUnavailable):
    """The database has no room for what is to be written."""

    zh = "数据库所在的磁盘写不进去：{reason}。这一步没有写入任何内容；请腾出磁盘空间或放宽配额，服务不用重启，再试一次即可"
    en = "the disk of the database takes no more: {reason}. This step wrote nothing; free disk space or raise the quota and try again, the service needs no restart"


@dataclass(eq=False)
class DatabaseReadOnly(StorageUnavailable):
    """The database may only be read now."""

    zh = "数据库目前只能读、不能写：{reason}。这一步没有写入任何内容；请检查文件和磁盘的写权限（PostgreSQL 请检查是否连到备库），恢复后服务不用重启"
    en = "the database can only be read now: {reason}. This step wrote nothing; look at the permissions of the file and its disk (with PostgreSQL, whether it is a standby); the service needs no restart afterwards"


@dataclass(eq=False)
class OutcomeUnknown(StorageUnavailable):
    """The database went away while it was committing."""

    zh = "数据库在提交时断开：{reason}。无法确定这一步是否已写入；原样再发一次，已写入的会被认出，不会存两次"
    en = "the database went away while it committed: {reason}. Whether this step was written is not known; send the same again, what was written is recognized and not stored twice"


@dataclass(eq=False)
class DatabaseUnfit(Unavailable):
    """The database server, or the database on it, cannot hold what is stored."""

    reason_zh: str
    reason_en: str
    zh = "这个数据库不能用：{reason_zh}"
    en = "this database cannot be used: {reason_en}"


@dataclass(eq=False)
class DatabaseNotEmpty(Conflict):
    """A database that was to be filled as a whole holds something already."""

    table: str
    zh = "目标数据库不是空的（{table} 表里已有数据）：请换一个新建的空库，什么都没有写入"
    en = (
        "the target database is not empty (there are rows in {table}): name a new, empty one;"
        " nothing was written"
    )


@dataclass(eq=False)
class DamagedBackup(InvalidInput):
    """A backup that is no longer what was written."""

    where: str
    reason_zh: str
    reason_en: str
    zh = "备份 {where} 不能用：{reason_zh}"
    en = "the backup {where} cannot be used: {reason_en}"


@dataclass(eq=False)
class NewerBackup(Conflict):
    """A backup that a later version of the service made, which may hold what this one loses."""

    where: str
    version: str
    zh = "备份 {where} 由较新的版本 {version} 制作：请先把本系统升级到该版本，再恢复"
    en = (
        "the backup {where} was made by a newer version, {version}: upgrade this service to it"
        " first, then restore"
    )
