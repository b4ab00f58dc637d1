"""The command as a whole: quick help, one line an error, no prompt."""

import os
import subprocess
import sys

import pytest

from tests.waiting import PATIENCE

COMMAND = [sys.executable, "-m", "gateway.cli"]


def _run(*arguments, cwd, **environment):
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        cwd=cwd,
        env={**os.environ, **environment},
    )


@pytest.fixture
def run(tmp_path, pytestconfig):
    root = str(pytestconfig.rootpath)
    return lambda *arguments, **environment: _run(
        *arguments,
        cwd=tmp_path,
        PYTHONPATH=root,
        HUTONG_DATA_DIR=str(tmp_path / "data"),
        **environment,
    )


def test_help_names_every_command(run):
    done = run("--help")
    assert done.returncode == 0
    assert {"campus", "token", "channel", "quarantine", "alerts", "verify"} <= {
        *done.stdout.split()
    }


def test_help_is_quick_since_it_imports_no_command():
    code = (
        "import sys\nfrom gateway.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in sys.modules if name.startswith(('gateway.store', 'rich'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "hutong: Missing command. hutong --help shows all."),
        (("campus",), "hutong campus: Missing command. hutong campus --help shows all."),
        (("nothing",), "hutong: No such command 'nothing'."),
        (("campus", "add"), "hutong campus add: Missing argument 'CODE'."),
        (("campus", "add", "A"), "hutong campus add: Missing option '--name'."),
        (("token", "issue", "--what"), "hutong token issue: No such option: --what"),
    ],
)
def test_a_mistake_is_told_in_one_line(hutong, arguments, words):
    assert hutong(*arguments, code=2).error == f"{words}\n"


def test_a_wrong_setting_is_told_by_name(hutong, monkeypatch):
    monkeypatch.setenv("HUTONG_TIMEZONE", "Nowhere")
    assert "HUTONG_TIMEZONE" in hutong("campus", "list", code=2).error


def test_a_folder_that_cannot_be_made_is_told_in_one_line(hutong, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HUTONG_DATA_DIR", str(tmp_path / "file" / "data"))
    assert "file" in hutong("campus", "list", code=1).error


def test_a_gateway_that_cannot_start_says_why_in_one_line(run, tmp_path):
    (tmp_path / "data").write_text("no folder")
    (tmp_path / "no.pem").write_text("no certificate")
    done = run("serve", HUTONG_HTTP_PORT="0", HUTONG_MLLP_PORT="0")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "data folder" in done.stderr
    tls = {name: str(tmp_path / "no.pem") for name in ("HUTONG_TLS_CERT", "HUTONG_TLS_KEY")}
    done = run("serve", HUTONG_HTTP_PORT="0", HUTONG_MLLP_PORT="0", **tls)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "HUTONG_TLS_CERT" in done.stderr


def test_what_is_kept_is_for_the_gateways_user_alone(run, tmp_path):
    assert run("campus", "add", "A", "--name", "县医院").returncode == 0
    folder = tmp_path / "data"
    kept = [folder, *folder.iterdir()]
    assert len(kept) > 1
    assert {one.stat().st_mode & 0o077 for one in kept} == {0}


def test_commands_work_where_the_gateway_never_ran(run, tmp_path):
    done = run("campus", "add", "A", "--name", "县人民医院")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "县人民医院" in run("campus", "list").stdout
    assert (tmp_path / "data").is_dir()


def test_several_commands_at_once_take_turns(run, tmp_path, pytestconfig):
    run("campus", "list")
    environment = {
        **os.environ,
        "HUTONG_DATA_DIR": str(tmp_path / "data"),
        "PYTHONPATH": str(pytestconfig.rootpath),
    }
    started = [
        subprocess.Popen(
            [*COMMAND, "campus", "add", code, "--name", f"Campus {code}"], env=environment
        )
        for code in "ABCD"
    ]
    assert [process.wait(PATIENCE) for process in started] == [0, 0, 0, 0]
    listed = run("campus", "list").stdout.splitlines()[1:]
    assert sorted(line.split()[0] for line in listed) == [*"ABCD"]
