"""`hutong serve`: settings in, roles out, each in a process of its own."""

import logging
import os
import secrets
import shutil
import ssl
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Final

from gateway.app.roles import Common, api, dicom, mllp, store, tls_of, worker
from gateway.bus.buckets import Buckets
from gateway.errors import UnavailableError
from gateway.fhir.sounds import load
from gateway.process import Role, Supervisor, listening
from gateway.settings import Settings, SettingsError
from gateway.store.opening import claim
from gateway.store.service import BusyError

STATIONS: Final = 2
"""Processes that take DICOM: the store writes no faster than two of them send."""
CLAIM_SECONDS: Final = 10.0
"""A command that writes in the folder just now is soon done."""


def log_to_stderr() -> None:
    """Write one line an event: when, how grave, from where, what. Never a patient's data."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It would write every address that is called, with what stands in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def serve(settings: Settings, on_ready: Callable[[], None] = lambda: None) -> None:
    """Run every role until SIGTERM; OSError if an address is taken, BusyError if a folder is."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    log_to_stderr()
    _try_tls(settings)
    _apart(lambda: _claim(settings))
    apis = listening(settings.host, settings.http_port, settings.api_processes)
    messages = listening(settings.host, settings.mllp_port, 1)
    stations = listening(settings.host, settings.dicom_port, min(settings.api_processes, STATIONS))
    _share_figures(settings.data_dir / "metrics")
    _import()
    common = Common(settings, _gateway_name(settings), Buckets())
    roles = [
        # On PostgreSQL every role writes by itself.
        *([] if settings.database_url else [Role("store", partial(store, settings.data_dir))]),
        *(
            Role(f"api-{number}", partial(api, common, one), (one,))
            for number, one in enumerate(apis, 1)
        ),
        Role("mllp", partial(mllp, common, messages[0]), (messages[0],)),
        *(
            Role(f"dicom-{number}", partial(dicom, common, one), (one,))
            for number, one in enumerate(stations, 1)
        ),
        Role("worker", partial(worker, common)),
    ]
    Supervisor(roles).run(on_ready)


def _gateway_name(settings: Settings) -> str:
    """Return what this gateway is called among others: where it is, and a name of this start."""
    return f"{gethostname()}:{settings.http_port} {secrets.token_hex(4)}"


def _claim(settings: Settings) -> None:
    """Bring the schema up to date, and see that no other gateway writes in the folder."""
    end = time.monotonic() + CLAIM_SECONDS
    while True:
        try:
            claim(settings.data_dir, settings.database_url)
        except BusyError:
            if time.monotonic() > end:
                sys.exit(f"hutong: another gateway runs in {settings.data_dir}")
            time.sleep(0.1)
        except UnavailableError as error:
            sys.exit(f"hutong: {error}")
        else:
            return


def _share_figures(folder: Path) -> None:
    """Let the api processes add up what they count; before the counters are made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _apart(work: Callable[[], None]) -> None:
    """Do work in a process of its own, so that no database handle is left in this one."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except SystemExit as told:
            sys.stderr.write(f"{told.code}\n")
            os._exit(1)
        except OSError as error:
            sys.stderr.write(f"hutong: the data folder cannot be used: {error}\n")
            os._exit(1)
        except BaseException:
            logging.getLogger(__name__).critical("the data folder cannot be used", exc_info=True)
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        sys.exit(1)


def _import() -> None:
    """Import once what every child would import by itself."""
    from gateway.api import application, server  # noqa: F401, PLC0415
    from gateway.ingest import sink, worker  # noqa: F401, PLC0415
    from gateway.recognition.recall import contradiction, follow  # noqa: F401, PLC0415
    from gateway.web import routes  # noqa: F401, PLC0415

    load()


def _try_tls(settings: Settings) -> None:
    """Raise SettingsError where a file holds no certificate or key, before any role needs it."""
    try:
        tls_of(settings)
        if settings.targets_ca:
            ssl.create_default_context(cafile=settings.targets_ca)
    except (ssl.SSLError, OSError) as error:
        names = "HUTONG_TLS_CERT, HUTONG_TLS_KEY, HUTONG_TLS_CLIENT_CA or HUTONG_TARGETS_CA"
        raise SettingsError(f"{names} cannot be used: {error}") from error
