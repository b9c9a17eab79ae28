"""The settings of one running service, read from the environment; nothing else reads it."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, with its unit in its name; the environment variable is GEO_SERVICE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="GEO_SERVICE_", frozen=True, extra="forbid")

    database_url: str = Field(
        default="sqlite:///var/geo_service.db",
        description="SQLAlchemy URL of the database.",
    )
    index_folder: str = Field(
        default="",
        description="Folder of the index files; empty means beside the SQLite file, and var/index "
        "for another database.",
    )
    attachment_folder: str = Field(
        default="",
        description="Folder of the photos of issues; empty means beside the SQLite file, and "
        "var/attachments for another database.",
    )
    profile: str = Field(
        default="generic",
        description="A shipped profile's name, or the path of a TOML file of your own.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on; loopback only.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on.")
    language: Literal["zh", "en"] = Field(
        default="zh", description="Language of the command line and of pages without ?lang=."
    )
    static_folder: Path = Field(
        default=Path("static"), description="Folder of static/app and static/vendor."
    )
    map_unit: str = Field(default="", description="制图单位 on prints; empty leaves it out.")
    review_number: str = Field(
        default="", description="审图号 on prints; empty prints 内部用图·界线不作为划界依据."
    )
    secrecy_notice: str = Field(
        default="本系统为非涉密系统，严禁存储、处理、传输国家秘密",
        description="The line on every page, print and export.",
    )
    upload_limit_mb: int = Field(default=512, ge=1, description="Largest upload, megabytes.")
    photo_limit_mb: int = Field(default=20, ge=1, le=1000, description="Largest photo, megabytes.")
    photo_limit_megapixels: int = Field(
        default=60, ge=1, le=500, description="Most pixels of a photo, in millions."
    )
    work_interval_s: float = Field(
        default=5.0,
        ge=0,
        description="Seconds between two looks at what is due by the clock; 0 leaves it to "
        "`geo-service work`.",
    )
    webhook_targets: str = Field(
        default="",
        description="Hosts and networks with ports that webhooks may go to, commas between; empty "
        "lets nothing out.",
    )
    webhook_source: str = Field(
        default="urn:geo-service",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="CloudEvents source: which service an event is from, a URI.",
    )
    webhook_ca_file: str = Field(
        default="",
        description="PEM file of authorities trusted for webhooks beside the system's.",
    )
    webhook_timeout_s: float = Field(
        default=10.0, ge=0.1, le=60, description="Seconds that a receiver has for its answer."
    )
    webhook_retry_s: int = Field(
        default=5, ge=1, le=3600, description="Seconds before the second try; they double."
    )
    webhook_longest_retry_s: int = Field(
        default=300, ge=1, le=86_400, description="Most seconds between two tries."
    )
    webhook_dead_after_h: float = Field(
        default=72.0, gt=0, description="Hours after its first try that an event is a dead letter."
    )
    webhook_dead_after_tries: int = Field(
        default=1000, ge=1, description="Failed tries that make an event a dead letter."
    )


def hand_on(settings: Settings) -> None:
    """Let processes that are started from here on have these settings, and not the default ones."""
    for name, value in settings.model_dump().items():
        os.environ[f"GEO_SERVICE_{name.upper()}"] = str(value)
