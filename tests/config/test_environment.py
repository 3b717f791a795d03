"""Reading the environment, secrets from files included."""

from pathlib import Path

import pytest

from config import databases, environment as env


def test_a_secret_may_come_from_a_file_without_its_last_newline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("segreto\n")
    monkeypatch.setenv("METRICS_TOKEN_FILE", str(tmp_path / "token"))
    assert env.text("METRICS_TOKEN") == "segreto"


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SystemExit, match="SECRET_KEY_FILE names .*nowhere, which can't be read"):
        env.text("SECRET_KEY")


@pytest.mark.parametrize(
    ("given", "means"),
    [("1", True), ("true", True), (" Yes ", True), ("on", True), ("0", False), ("", False), ("off", False)],
)
def test_a_flag(monkeypatch: pytest.MonkeyPatch, given: str, means: bool) -> None:
    monkeypatch.setenv("DEBUG", given)
    assert env.flag("DEBUG") is means


def test_a_number_that_is_none_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(SystemExit, match="PORT must be a whole number, not “http”"):
        env.number("PORT", 8000)


def test_words_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " a.example, ,b.example ")
    assert env.words("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_everything_that_begins_so_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("k-123\n")
    monkeypatch.setenv("ANYMAIL_MAILGUN_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("ANYMAIL_MAILGUN_SENDER_DOMAIN", "mg.roccaverde.example")
    assert env.group("ANYMAIL_") == {"MAILGUN_API_KEY": "k-123", "MAILGUN_SENDER_DOMAIN": "mg.roccaverde.example"}


def database(url: str, password: str = "") -> dict[str, object]:
    return databases.from_url(url, password=password, data_dir=Path("/srv/sportello"), pool_size=5)


def test_nothing_set_is_sqlite_in_the_data_folder_that_loses_no_write() -> None:
    chosen = database("")
    assert chosen["NAME"] == "/srv/sportello/sportello.sqlite3"
    options = chosen["OPTIONS"]
    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in options["init_command"]


def test_a_postgresql_url_is_taken_apart() -> None:
    chosen = database("postgresql://ufficio:p%40ss@db.example:5433/sportello?sslmode=require")
    assert [chosen[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "sportello", "ufficio", "p@ss", "db.example", "5433",
    ]  # fmt: skip
    assert chosen["OPTIONS"] == {
        "sslmode": "require", "pool": {"min_size": 1, "max_size": 5, "timeout": 20},
        "options": "-c idle_in_transaction_session_timeout=60000", "prepare_threshold": 1,
    }  # fmt: skip


def test_behind_a_pooler_no_statement_is_prepared() -> None:
    chosen = databases.from_url(
        "postgresql://u@db/sportello", password="", data_dir=Path("/srv"), pool_size=5, prepared=False
    )
    options = chosen["OPTIONS"]
    assert isinstance(options, dict)
    assert "prepare_threshold" not in options


def test_a_password_apart_from_the_url_is_used_where_the_url_has_none() -> None:
    assert database("postgresql://u@db/sportello", password="apart")["PASSWORD"] == "apart"
    assert database("postgresql://u:own@db/sportello", password="apart")["PASSWORD"] == "own"


def test_another_database_is_refused_in_one_sentence() -> None:
    with pytest.raises(SystemExit, match="DATABASE_URL starts with “mysql:”"):
        database("mysql://u@db/sportello")
