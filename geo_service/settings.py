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
    work_interval_s: float = Field(
        default=5.0,
        ge=0,
        description="Seconds between two looks at what is due by the clock; 0 leaves it to "
        "`geo-service work`.",
    )


def hand_on(settings: Settings) -> None:
    """Let processes that are started from here on have these settings, and not the default ones."""
    for name, value in settings.model_dump().items():
        os.environ[f"GEO_SERVICE_{name.upper()}"] = str(value)
