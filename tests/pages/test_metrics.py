"""``/metrics``: who may read it, what it tells, and what it never tells."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from pages.traffic import Traffic
from settings.environment import StartError, read_environment
from settings.version import VERSION
from tests.house.source import ROOT
from tests.kit import House, environment, open_house
from tests.provider import Provider
from tests.services import free_port

DAY = 86400
TOKEN = "a-scraper=that-knows/0123456789+abcdef=="
LINE = re.compile(r'[a-z_]+(\{([a-z]+="[^"\\\n]*",?)+\})? -?[0-9.e+-]+')


@pytest.fixture
def watched(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house whose operator set a token."""
    with open_house(database_url, tmp_path / "instance", METRICS_TOKEN=TOKEN) as opened:
        yield opened


def told(house: House) -> dict[str, float]:
    page = scrape(house.app.test_client(), TOKEN)
    assert page.status_code == 200
    lines = [line for line in page.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in (line.rpartition(" ") for line in lines)}


def scrape(client: FlaskClient, token: str) -> TestResponse:
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def test_without_a_token_of_the_operator_there_is_no_such_page(sqlite_house: House) -> None:
    client = sqlite_house.app.test_client()
    assert client.get("/metrics").status_code == 404
    assert scrape(client, "").status_code == scrape(client, TOKEN).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN}é"},
        {"Authorization": f"Basic {TOKEN}"},
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
    ],
)
def test_who_does_not_send_it_reads_nothing_from_whatever_address(
    sqlite_template: Path, tmp_path: Path, headers: dict[str, str]
) -> None:
    (path := tmp_path / "doorcode.db").write_bytes(sqlite_template.read_bytes())
    with open_house(f"sqlite:///{path}", tmp_path, METRICS_TOKEN=TOKEN, TRUSTED_PROXIES="1") as house:
        page = house.app.test_client().get(f"/metrics?token={TOKEN}", headers=headers)
    assert page.status_code == 401
    assert page.headers["WWW-Authenticate"] == "Bearer"
    assert "doorcode_" not in page.text


def test_a_weak_token_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="METRICS_TOKEN is too weak"):
        environment("sqlite://", tmp_path, METRICS_TOKEN="prometheus")
    assert read_environment({"DOORCODE_INSTANCE": str(tmp_path)}).metrics_token == ""


def test_it_tells_what_an_operator_watches(watched: House) -> None:
    watched.set(guard={"mode": "on"})
    watched.clock.forward((DAY * 1.5 - watched.clock()) % DAY)  # to noon: what counts by the day must not end meanwhile
    before = told(watched)
    assert before["doorcode_queue_oldest_seconds"] == before['doorcode_queue_messages{state="queued"}'] == 0
    browser = watched.browser().sign_in("06 12 34 56 78")
    waiting = told(watched)
    assert waiting['doorcode_queue_messages{state="queued"}'] == 1
    assert waiting['doorcode_recent_messages{state="queued",connector=""}'] == 1
    assert 0 < waiting["doorcode_queue_oldest_seconds"] < 60
    assert waiting['doorcode_money_spent{cap="day",currency="EUR"}'] == 0.05
    browser.type_code()
    watched.worker.learning.run()
    watched.worker._housekeeping.count()
    after = told(watched)
    assert after['doorcode_recent_messages{state="accepted",connector="development"}'] == 1
    assert after['doorcode_messages_total{connector="development",outcome="verified"}'] == 1
    assert after['doorcode_guard_decisions_total{decision="allow"}'] == 1
    assert after["doorcode_guard_proved_total"] == after["doorcode_database_up"] == 1
    assert after['doorcode_circuit_open{connector="development"}'] == 0
    assert after["doorcode_settings_version"] == watched.services.settings().version
    assert after['doorcode_requests_total{route="/sign-in",status="3xx"}'] == 1
    assert after['doorcode_request_seconds_count{route="/sign-in/code"}'] >= 1
    watched.clock.forward(DAY)  # what counts by the day begins anew
    assert told(watched)["doorcode_guard_proved_total"] == 0


def test_it_tells_what_providers_refuse_and_who_is_left_alone(watched: House, provider: Provider) -> None:
    watched.use_provider(provider.url)
    provider.answer(401)
    for last in range(5):
        watched.browser().sign_in(f"06 12 34 56 7{last}")
    watched.deliver()
    found = told(watched)
    assert found['doorcode_recent_refusals{connector="http",kind="bad_credentials"}'] == 5
    assert found['doorcode_circuit_open{connector="http"}'] == 1
    assert found['doorcode_circuit_failures{connector="http"}'] == 5


def test_no_number_code_address_or_account_is_in_it_and_each_line_can_be_read(watched: House) -> None:
    browser = watched.browser().open("/sign-up").send(country="FR", phone="06 12 34 56 78").type_code()
    browser.open("/no/such/page/0612345678").open("/sign-in?phone=0612345678")
    text = scrape(watched.app.test_client(), TOKEN).text
    account = watched.sql("SELECT id FROM accounts")[0].id
    assert not re.search("612345678|192\\.0\\.2|127\\.0\\.0", text)
    assert not any(secret in text for secret in (account, TOKEN, *watched.codes()))
    assert 'route="(no page)",status="4xx"' in text
    lines = [line for line in text.splitlines() if not line.startswith(("# HELP doorcode_", "# TYPE doorcode_"))]
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_with_the_database_away_it_says_so_and_counts_requests(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"
    client = create_app(environment(url, tmp_path, METRICS_TOKEN=TOKEN)).test_client()
    assert client.get("/healthz").status_code == 200
    text = scrape(client, TOKEN).text
    assert "\ndoorcode_database_up 0\n" in text
    assert 'doorcode_requests_total{route="/healthz",status="2xx"} 1\n' in text
    assert "doorcode_queue" not in text


def test_processes_that_are_forked_count_together() -> None:
    traffic = Traffic(["/sign-in", "/account"], 2)
    child = os.fork()
    if child == 0:
        traffic.use(1)
        traffic.count("/sign-in", 303, 0.02)
        traffic.count("/gone", 404, 9.0)
        os._exit(0)
    os.waitpid(child, 0)
    traffic.count("/sign-in", 200, 0.03)
    nowhere, sign_in = traffic.read()
    assert (sign_in.statuses["2xx"], sign_in.statuses["3xx"], sum(sign_in.times)) == (1, 1, 2)
    assert sign_in.seconds == pytest.approx(0.05)
    assert (nowhere.route, nowhere.statuses["4xx"], nowhere.times[-1]) == ("(no page)", 1, 1)


def test_the_version_is_the_projects() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
