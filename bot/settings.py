"""Every setting of the product, typed; a wrong one stops the start with one sentence."""

import re
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_SECRET_KEY = "only-for-development"  # noqa: S105 - refused unless PUBLIC_URL is local
LOCALE = Path(__file__).parent / "locale"
TILES = re.compile(
    r"https?://(\{s\}\.)?[A-Za-z0-9.-]+(:[0-9]+)?/(?=[^\s]*\{z\})(?=[^\s]*\{x\})(?=[^\s]*\{y\})[^\s;,]*"
)
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1", ""}


class BadSettings(Exception):
    """A setting is missing or wrong; the text is one sentence for the engineer."""


class Settings(BaseSettings):
    """All settings; the description of each is what docs/running.md and `.env.example` say."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str = Field("", description="PostgreSQL 15 or newer; empty: the embedded server")
    data_dir: Path = Field(Path("data"), description="folder for the embedded database, files and keys")
    host: str = Field("127.0.0.1", description="address that web listens on")
    port: int = Field(1708, ge=1, le=65535, description="port that web listens on")
    public_url: str = Field("", description="base URL for providers and people; empty: http://HOST:PORT")
    secret_key: str = Field(DEFAULT_SECRET_KEY, description="signs sessions; 32 characters or more in public")
    city: Path = Field(Path("city/semarang"), description="folder of the city's files")
    admin_email: str = Field("admin@kentongan.local", description="first administrator")
    admin_password: str = Field("", description="first administrator's password; empty: made, printed once")
    web_workers: int = Field(2, ge=1, le=64, description="web processes")
    send_concurrency: int = Field(32, ge=1, le=512, description="messages handed over at once by a worker")

    telegram_bot_token: str = Field("", description="token from BotFather; empty: no Telegram")
    telegram_mode: Literal["polling", "webhook"] = Field("polling", description="polling or webhook")
    telegram_webhook_secret: str = Field("", description="1-256 of A-Za-z0-9_-; webhook mode only")
    telegram_api_url: str = Field("https://api.telegram.org", description="base URL of the Bot API")

    twilio_account_sid: str = Field("", description="AC...; empty: nothing by Twilio")
    twilio_auth_token: str = Field("", description="auth token: signs webhooks and opens the REST API")
    twilio_webhook_key: str = Field("", description="shared key of SHA-256 webhook signatures")
    twilio_api_url: str = Field("https://api.twilio.com", description="base URL of Twilio's REST API")
    twilio_whatsapp_from: str = Field("", description="our WhatsApp number, whatsapp:+62...")
    twilio_sms_from: str = Field("", description="our number or short code for SMS; needs SMS_GATEWAY=twilio")
    unread_days: int = Field(3, ge=0, description="days until unread news goes by another channel; 0: never")
    twilio_status_template_sid: str = Field("", description='"open to read" content: HX... or lang=HX...,...')

    sms_gateway: Literal["kannel", "twilio"] = Field("kannel", description="who carries SMS: kannel, twilio")
    sms_rate: float = Field(0, ge=0, le=10_000, description="SMS a second by all workers; 0: no limit")
    kannel_sendsms_url: str = Field("", description="http://host:13013/cgi-bin/sendsms; empty: no SMS")
    kannel_username: str = Field("", description="sendsms-user")
    kannel_password: str = Field("", description="password of the sendsms-user")
    kannel_callback_secret: str = Field("", description="secret in the URLs that Kannel calls")
    sms_shortcode: str = Field("1708", description="our number as handsets see it")

    data_keys: str = Field("", description="encryption,look-up keys; empty: made in DATA_DIR while local")
    spool_dir: str = Field("", description="where events wait for the database; empty: DATA_DIR/spool")
    disk_free_mb: int = Field(200, ge=0, description="MB free in DATA_DIR below which no work is taken")
    files_url: str = Field("", description="where files are kept, an fsspec URL; empty: DATA_DIR/files")
    trusted_proxies: int = Field(0, ge=0, le=8, description="proxies in front whose X-Forwarded-For counts")
    tile_url: str = Field("", description="map tiles, https://.../{z}/{x}/{y}.png; empty: no map background")
    metrics_token: str = Field("", description="bearer token of /metrics; empty: loopback only")
    retention_contact_days: int = Field(365, ge=0, description="days from closing to no contact; 0: never")
    retention_text_days: int = Field(730, ge=0, description="days from closing to no words, photos; 0: never")
    languages: str = Field("id,en,jv,su", description="languages offered, the first is the default")

    @field_validator("database_url")
    @classmethod
    def _one_driver(cls, value: str) -> str:
        for scheme in ("postgres://", "postgresql://"):
            if value.startswith(scheme):
                value = "postgresql+psycopg://" + value.removeprefix(scheme)
        if value and not value.startswith("postgresql+psycopg://"):
            raise ValueError("must begin with postgresql:// (there is no other database)")
        if value and not _is_url(value):
            raise ValueError("must be like postgresql://user:password@host:5432/name")
        return value

    @field_validator("languages")
    @classmethod
    def _known(cls, value: str) -> str:
        codes = [code.strip() for code in value.split(",") if code.strip()]
        known = sorted(file.stem for file in LOCALE.glob("*.po"))
        if not codes or not set(codes) <= set(known):
            raise ValueError(f"must be some of {', '.join(known)}, separated by commas")
        return ",".join(codes)

    @field_validator("admin_email")
    @classmethod
    def _an_address(cls, value: str) -> str:
        name, at, host = value.strip().partition("@")
        if not (name and at and host) or " " in value.strip():
            raise ValueError("must be an e-mail address like budi@semarangkota.go.id")
        return value.strip()

    @field_validator("public_url", "telegram_api_url", "twilio_api_url", "kannel_sendsms_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("must be an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("tile_url")
    @classmethod
    def _tiles(cls, value: str) -> str:
        # Its host goes into a header: nothing in it may be a word of its own there.
        if value and not TILES.fullmatch(value):
            raise ValueError("must be like https://tile.example.org/{z}/{x}/{y}.png")
        return value

    @cached_property
    def base_url(self) -> str:
        """Where people and providers reach us, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @cached_property
    def is_local(self) -> bool:
        """Whether nobody but this machine can reach us: development, simulator and default keys allowed."""
        return (urlsplit(self.base_url).hostname or "") in LOCAL_HOSTS and self.host in LOCAL_HOSTS

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """What no log line may show; a channel's own secrets are known to the channel."""
        password = make_url(self.database_url).password if self.database_url else None
        keys = [pair.partition(":")[2].strip() for pair in self.data_keys.split(",")]
        words = (self.secret_key, self.admin_password, self.metrics_token, str(password or ""), *keys)
        return tuple(word for word in words if word)

    @cached_property
    def language_list(self) -> tuple[str, ...]:
        """Codes of the languages offered."""
        return tuple(code.strip() for code in self.languages.split(",") if code.strip())


def is_reachable(base_url: str) -> bool:
    """Whether others than this machine can fetch something from a base URL of ours."""
    return (urlsplit(base_url).hostname or "") not in LOCAL_HOSTS


def _is_url(value: str) -> bool:
    try:
        make_url(value)
    except (ArgumentError, ValueError):
        return False
    return True


def read_settings() -> Settings:
    """The settings; raises BadSettings with one sentence that names the setting."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise BadSettings(f"{name} {str(first['msg']).removeprefix('Value error, ')}.") from None
    refuse_unsafe(settings)
    return settings


def refuse_unsafe(settings: Settings) -> None:
    """Raise BadSettings when the product would be open to strangers with keys that everybody knows."""
    if settings.is_local:
        return
    if settings.secret_key == DEFAULT_SECRET_KEY or len(settings.secret_key) < 32:
        raise BadSettings(
            "SECRET_KEY must be set to at least 32 random characters because PUBLIC_URL or HOST is not local."
        )
    if not settings.data_keys:
        raise BadSettings("DATA_KEYS must be set because PUBLIC_URL or HOST is not local (docs/running.md).")
