"""Settings from the environment, read once where the parts are wired.

docs/reference/settings.md lists them; the variable of `http_port` is `HUTONG_HTTP_PORT`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
"""RFC 6454 §6.2; browsers write hosts in lower case."""
REDIS = re.compile(
    r"rediss?://(\S*@)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d{1,5})?(/\d*)?(\?\S*)?|unix://\S+"
)
"""https://www.iana.org/assignments/uri-schemes/prov/redis"""
AE_TITLE = 16
"""PS3.5 §6.2, AE."""


class SettingsError(Exception):
    """A setting that cannot be used. The message names the variable, not its value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the gateway is told from outside."""

    data_dir: Path
    database_url: str
    redis_url: str
    host: str
    http_port: int
    api_processes: int
    mllp_port: int
    dicom_port: int
    ae_title: str
    timezone: ZoneInfo
    bootstrap_token: str
    public_url: str
    cors_origins: frozenset[str]
    open_campus: str
    allowed_targets: tuple[IPv4Network | IPv6Network, ...]
    targets_ca: Path | None
    subscription_patience: int
    tls_cert: Path | None
    tls_key: Path | None
    tls_client_ca: Path | None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Return the settings of the environment, or say which variable is wrong."""
        read = _Variables(environ)
        data_dir = Path(read.text("HUTONG_DATA_DIR", "hutong-data")).absolute()
        settings = cls(
            data_dir=data_dir,
            database_url=read.database_url(),
            redis_url=read.redis_url(),
            host=read.text("HUTONG_HOST", "127.0.0.1"),
            http_port=read.number("HUTONG_HTTP_PORT", 8080, range(65536)),
            api_processes=read.number("HUTONG_API_PROCESSES", os.cpu_count() or 1, range(1, 257)),
            mllp_port=read.number("HUTONG_MLLP_PORT", 2575, range(65536)),
            dicom_port=read.number("HUTONG_DICOM_PORT", 11112, range(65536)),
            ae_title=read.ae_title(),
            timezone=read.timezone(),
            bootstrap_token=read.text("HUTONG_BOOTSTRAP_TOKEN"),
            public_url=read.public_url(),
            cors_origins=read.origins("HUTONG_CORS_ORIGINS"),
            open_campus=read.text("HUTONG_OPEN_CAMPUS"),
            allowed_targets=read.networks("HUTONG_ALLOWED_TARGETS"),
            targets_ca=read.file("HUTONG_TARGETS_CA"),
            subscription_patience=read.number(
                "HUTONG_SUBSCRIPTION_PATIENCE", 86_400, range(604_801)
            ),
            tls_cert=read.file("HUTONG_TLS_CERT"),
            tls_key=read.file("HUTONG_TLS_KEY"),
            tls_client_ca=read.file("HUTONG_TLS_CLIENT_CA"),
        )
        settings.refuse_contradictions()
        return settings

    def refuse_contradictions(self) -> None:
        """Raise where two settings do not go together."""
        if self.open_campus and not _is_loopback(self.host):
            raise SettingsError(
                "HUTONG_OPEN_CAMPUS believes unknown senders: HUTONG_HOST must be loopback"
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsError("HUTONG_TLS_CERT and HUTONG_TLS_KEY must be set together")
        if self.tls_client_ca and not self.tls_cert:
            raise SettingsError("HUTONG_TLS_CLIENT_CA needs HUTONG_TLS_CERT and HUTONG_TLS_KEY")


@dataclass(frozen=True, slots=True)
class _Variables:
    """The variables of one environment; an empty one counts as unset."""

    environ: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def number(self, name: str, default: int, allowed: range) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and int(text) in allowed):
            raise SettingsError(f"{name} must be a number from {allowed[0]} to {allowed[-1]}")
        return int(text)

    def file(self, name: str) -> Path | None:
        text = self.text(name)
        if text and not Path(text).is_file():
            raise SettingsError(f"{name} must name a file")
        return Path(text).absolute() if text else None

    def database_url(self) -> str:
        """Return the address of a PostgreSQL database; it is read whole where it is used."""
        url = self.text("HUTONG_DATABASE_URL")
        if url and not url.startswith(("postgresql://", "postgres://")):
            raise SettingsError(
                "HUTONG_DATABASE_URL must be an address such as postgresql://db/hutong"
            )
        return url

    def ae_title(self) -> str:
        title = self.text("HUTONG_AE_TITLE", "HUTONG")
        if len(title) > AE_TITLE or not (title.isascii() and title.isprintable()) or "\\" in title:
            raise SettingsError("HUTONG_AE_TITLE has up to 16 ASCII characters, no backslash")
        return title

    def timezone(self) -> ZoneInfo:
        name = self.text("HUTONG_TIMEZONE", "Asia/Shanghai")
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise SettingsError("HUTONG_TIMEZONE must be a zone such as Asia/Shanghai") from error

    def origins(self, name: str) -> frozenset[str]:
        """Return the origins of a list; each is a scheme and a host, as a browser says them."""
        found = frozenset(one for one in re.split(r"[\s,]+", self.text(name)) if one)
        if not all(ORIGIN.fullmatch(one) for one in found):
            raise SettingsError(f"{name} must list origins such as https://his.example.org")
        return found

    def networks(self, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
        try:
            return tuple(ip_network(one) for one in re.split(r"[\s,]+", self.text(name)) if one)
        except ValueError as error:
            raise SettingsError(f"{name} must list networks such as 10.2.0.0/16") from error

    def redis_url(self) -> str:
        url = self.text("HUTONG_REDIS_URL")
        if url and not REDIS.fullmatch(url):
            raise SettingsError(
                "HUTONG_REDIS_URL must be an address such as redis://127.0.0.1:6379/0"
            )
        return url

    def public_url(self) -> str:
        url = self.text("HUTONG_PUBLIC_URL").rstrip("/")
        if not url:
            return ""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise SettingsError("HUTONG_PUBLIC_URL must be an http or https address") from error
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
            raise SettingsError("HUTONG_PUBLIC_URL must be an http or https address")
        return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
