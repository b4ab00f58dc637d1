from dataclasses import fields
from pathlib import Path

import pytest

from gateway.settings import Settings, SettingsError


def test_an_empty_environment_gives_the_documented_defaults():
    settings = Settings.from_environment({})
    assert settings.data_dir == Path("hutong-data").absolute()
    assert (settings.host, settings.http_port, settings.mllp_port) == ("127.0.0.1", 8080, 2575)
    assert (settings.dicom_port, settings.ae_title) == (11112, "HUTONG")
    assert settings.timezone.key == "Asia/Shanghai"
    assert settings.api_processes >= 1
    assert (
        settings.bootstrap_token
        == settings.redis_url
        == settings.public_url
        == settings.open_campus
        == ""
    )
    assert settings.tls_cert is settings.tls_key is settings.tls_client_ca is None


def test_an_empty_variable_counts_as_unset():
    names = [f"HUTONG_{field.name.upper()}" for field in fields(Settings)]
    assert Settings.from_environment(dict.fromkeys(names, " ")) == Settings.from_environment({})


def test_every_variable_reaches_its_field(tmp_path):
    pem = tmp_path / "a.pem"
    pem.touch()
    settings = Settings.from_environment(
        {
            "HUTONG_DATA_DIR": str(tmp_path),
            "HUTONG_HOST": "::1",
            "HUTONG_HTTP_PORT": "0",
            "HUTONG_API_PROCESSES": "3",
            "HUTONG_MLLP_PORT": "65535",
            "HUTONG_DICOM_PORT": "104",
            "HUTONG_AE_TITLE": "COUNTY ARCHIVE",
            "HUTONG_TIMEZONE": "Asia/Urumqi",
            "HUTONG_BOOTSTRAP_TOKEN": "s3cret",
            "HUTONG_PUBLIC_URL": "https://fhir.example/gateway/",
            "HUTONG_OPEN_CAMPUS": "A",
            "HUTONG_ALLOWED_TARGETS": "10.2.0.0/16, fd00::7",
            "HUTONG_DATABASE_URL": "postgresql://hutong:secret@db.example/hutong",
            "HUTONG_REDIS_URL": "rediss://user:secret@redis.example:6380/3",
            "HUTONG_TLS_CERT": str(pem),
            "HUTONG_TLS_KEY": str(pem),
            "HUTONG_TLS_CLIENT_CA": str(pem),
        }
    )
    assert settings.data_dir == tmp_path
    assert settings.database_url == "postgresql://hutong:secret@db.example/hutong"
    assert (settings.host, settings.http_port, settings.mllp_port) == ("::1", 0, 65535)
    assert (settings.dicom_port, settings.ae_title) == (104, "COUNTY ARCHIVE")
    assert (settings.api_processes, settings.timezone.key) == (3, "Asia/Urumqi")
    assert (settings.bootstrap_token, settings.open_campus) == ("s3cret", "A")
    assert settings.public_url == "https://fhir.example/gateway"
    assert [str(one) for one in settings.allowed_targets] == ["10.2.0.0/16", "fd00::7/128"]
    assert settings.redis_url == "rediss://user:secret@redis.example:6380/3"
    assert settings.tls_cert == settings.tls_key == settings.tls_client_ca == pem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUTONG_DATABASE_URL", "mysql://db/hutong"),
        ("HUTONG_REDIS_URL", "redis.example:6379"),
        ("HUTONG_REDIS_URL", "http://redis.example"),
        ("HUTONG_REDIS_URL", "redis://redis.example:port"),
        ("HUTONG_HTTP_PORT", "65536"),
        ("HUTONG_ALLOWED_TARGETS", "10.2.0.1/16"),
        ("HUTONG_ALLOWED_TARGETS", "his.example.org"),
        ("HUTONG_HTTP_PORT", "http"),
        ("HUTONG_MLLP_PORT", "-1"),
        ("HUTONG_DICOM_PORT", "x"),
        ("HUTONG_AE_TITLE", "A" * 17),
        ("HUTONG_AE_TITLE", "A\\B"),
        ("HUTONG_AE_TITLE", "胡同"),
        ("HUTONG_MLLP_PORT", "٣"),
        ("HUTONG_API_PROCESSES", "0"),
        ("HUTONG_TIMEZONE", "Asia/Nowhere"),
        ("HUTONG_TIMEZONE", "../etc/passwd"),
        ("HUTONG_PUBLIC_URL", "fhir.example"),
        ("HUTONG_PUBLIC_URL", "ftp://fhir.example"),
        ("HUTONG_PUBLIC_URL", "https://[fhir.example"),
        ("HUTONG_TLS_CERT", "/no/such/file"),
        ("HUTONG_CORS_ORIGINS", "*"),
        ("HUTONG_CORS_ORIGINS", "https://a.example/page"),
        ("HUTONG_CORS_ORIGINS", "null, https://a.example"),
    ],
)
def test_a_bad_value_is_refused_by_name_not_by_value(name, value):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    assert name in str(caught.value)
    assert value not in str(caught.value) or value in {"sqlite:///", "http"}


@pytest.mark.parametrize("name", ["HUTONG_TLS_CERT", "HUTONG_TLS_KEY", "HUTONG_TLS_CLIENT_CA"])
def test_tls_needs_both_certificate_and_key(name, tmp_path):
    pem = tmp_path / "a.pem"
    pem.touch()
    with pytest.raises(SettingsError, match="HUTONG_TLS_CERT"):
        Settings.from_environment({name: str(pem)})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "gateway.example"])  # noqa: S104 - it is refused
def test_an_open_campus_is_refused_beyond_loopback(host):
    with pytest.raises(SettingsError, match="HUTONG_HOST"):
        Settings.from_environment({"HUTONG_OPEN_CAMPUS": "A", "HUTONG_HOST": host})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_an_open_campus_is_taken_on_loopback(host):
    settings = Settings.from_environment({"HUTONG_OPEN_CAMPUS": "A", "HUTONG_HOST": host})
    assert settings.open_campus == "A"


def test_origins_are_a_list():
    assert Settings.from_environment({}).cors_origins == frozenset()
    told = "https://a.example, http://localhost:3000,https://[::1]:8443"
    settings = Settings.from_environment({"HUTONG_CORS_ORIGINS": told})
    assert settings.cors_origins == {
        "https://a.example",
        "http://localhost:3000",
        "https://[::1]:8443",
    }
