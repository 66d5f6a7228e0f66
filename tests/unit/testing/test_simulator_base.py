"""The base of simulators on real sockets, with a toy target."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import textwrap

import aiohttp
import orjson
import pytest

from bridge.errors import SettingsError
from bridge.testing.simulator.calls import Answer, Denied, Route, json_answer
from bridge.testing.simulator.faults import Fault
from bridge.testing.simulator.host import Host
from bridge.testing.simulator.launch import has_simulator, launch
from bridge.testing.simulator.server import Illegal, Record, Simulator
from bridge.testing.simulator.store import Store

OWN_CODES = {Fault.EXPIRED_TOKEN: 401, Fault.UNKNOWN_CODE: 299}


class Toy(Simulator):
    """Keeps words under names."""

    target = "toy"
    supported = frozenset(Fault)

    def routes(self):
        """Put and get."""
        return [Route("PUT", "/words/{name}", "write", self.put), Route("GET", "/words/{name}", "read", self.get)]

    def put(self, call):
        """Keep a word; `bad` is refused after it was kept."""
        self.store.put("word", call.place["name"], {"word": call.body.decode()})
        self.stream.tell({"name": call.place["name"]})
        self.received(call.place["name"])
        if call.body == b"bad":
            raise Denied(json_answer({"error": "bad"}, 422))
        return json_answer({"kept": True})

    def get(self, call):
        """Read a word."""
        found = self.store.get("word", call.place["name"])
        return json_answer(found) if found else json_answer({}, 404)

    def said(self, fault, call, retry_after):
        """Two answers of its own."""
        if fault in OWN_CODES:
            return Answer(OWN_CODES[fault], b"{}")
        return super().said(fault, call, retry_after)

    def settings(self, url):
        """One setting and one secret."""
        return {self.setting("url"): url, **dict([self.secret_setting("key")])}

    def records(self):
        """A case per name."""
        for number, document in self.store.since("word", 0):
            yield Record(None, str(number), "00", document)

    def decide(self, number, act, words):
        """Accept, once."""
        if self.store.get("done", number):
            raise Illegal("done")
        self.store.put("done", number, {"act": act})
        return {"number": number}


def play(folder, act, **settings):
    """Run `act(host, session)` beside a toy."""

    async def run():
        timeout = aiohttp.ClientTimeout(total=1)
        async with Host(Toy, folder, **settings) as host, aiohttp.ClientSession(timeout=timeout) as session:
            return await act(host, session)

    return asyncio.run(run())


async def put(host, session, word=b"x", name="a"):
    """Status of a put, or the name of what went wrong."""
    try:
        async with session.put(f"{host.url}/words/{name}", data=word) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError) as exc:
        return type(exc).__name__


async def side(host, session, path, body=None):
    """Status and JSON of the side door."""
    method = "GET" if body is None else "POST"
    async with session.request(method, host.control + path, json=body) as answer:
        return answer.status, orjson.loads(await answer.read())


async def held(host, session):
    """How many it holds."""
    return len((await side(host, session, "/_control/records"))[1]["records"])


RESET = {"ClientOSError", "ServerDisconnectedError", "ClientConnectionResetError"}


@pytest.mark.parametrize(
    ("fault", "ends", "kept"),
    [
        ("refuse", RESET, 0),
        ("close", RESET, 0),
        ("error_503", {503}, 0),
        ("limit_429", {429}, 0),
        ("commit_then_drop", RESET, 1),
        ("drip", {"TimeoutError", "ConnectionTimeoutError"}, 1),
        ("endless", {"TimeoutError", "ConnectionTimeoutError"}, 1),
        ("html_200", {200}, 0),
        ("expired_token", {401}, 0),
        ("maintenance", {503}, 0),
    ],
)
def test_each_fault_does_what_it_says(tmp_path, fault, ends, kept):
    """The caller sees the fault, and the target has the effect or has it not."""

    async def act(host, session):
        await side(host, session, "/_control/faults", {"faults": [{"fault": fault}]})
        return await put(host, session), await held(host, session)

    seen, count = play(tmp_path, act)
    assert seen in ends
    assert count == kept


@pytest.mark.parametrize(("fault", "status"), [("error_500", 500), ("unknown_code", 299)])
def test_half_of_these_have_their_effect(tmp_path, fault, status):
    """Before or after the commit with equal share."""

    async def act(host, session):
        await side(host, session, "/_control/faults", {"seed": 5, "faults": [{"fault": fault}]})
        seen = {await put(host, session, name=str(place)) for place in range(60)}
        return seen, await held(host, session)

    seen, count = play(tmp_path, act)
    assert seen == {status}
    assert 15 < count < 45


def test_a_slow_commit_comes_after_the_caller_gave_up(tmp_path):
    """Nothing is held while the caller waits, nor when it gives up; a moment later it is."""

    async def act(host, session):
        await side(host, session, "/_control/faults", {"faults": [{"fault": "slow_commit", "seconds": 0.2}]})
        call = asyncio.create_task(put(host, session))
        await asyncio.sleep(0.5)
        waiting = await held(host, session)
        seen = await call
        gone = await held(host, session)
        await asyncio.sleep(0.5)
        return seen, waiting, gone, await held(host, session)

    seen, *counts = play(tmp_path, act)
    assert seen in ("TimeoutError", "ConnectionTimeoutError")
    assert counts == [0, 0, 1]


def test_refusing_everything_means_that_nothing_listens(tmp_path):
    """The port is shut, live connections are dropped, the side door stays; afterwards the same port answers again."""

    async def act(host, session):
        before = await put(host, session)
        deaf = {"faults": [{"fault": "refuse", "share": 1, "on": "all"}]}
        await side(host, session, "/_control/faults", deaf)
        shut = await put(host, session)
        await side(host, session, "/_control/faults", {"faults": []})
        again = await put(host, session)
        deaf["faults"][0]["seconds"] = 0.2
        await side(host, session, "/_control/faults", deaf)
        shut_again = await put(host, session)
        await asyncio.sleep(0.5)
        return before, shut, again, shut_again, await put(host, session)

    assert play(tmp_path, act) == (200, "ClientConnectorError", 200, "ClientConnectorError", 200)


def test_a_refused_call_leaves_no_trace(tmp_path):
    """What a handler put before it refused is undone, and what it told is not told."""

    async def act(host, session):
        status = await put(host, session, b"bad")
        return status, await held(host, session), list(host.simulator.stream.since(0))

    assert play(tmp_path, act) == (422, 0, [])


def test_the_office_acts_by_itself_when_told(tmp_path):
    """`auto` makes acts follow on each case handed in, until one is not legal."""

    async def act(host, session):
        await side(host, session, "/_control/decide", {"auto": ["accept", "grant"]})
        await put(host, session)
        await asyncio.sleep(0.3)
        return host.simulator.store.get("done", "a")

    assert play(tmp_path, act) == {"act": "accept"}


def test_reset_forgets_everything(tmp_path):
    """Cases, messages and faults are gone."""

    async def act(host, session):
        await put(host, session)
        await side(host, session, "/_control/faults", {"faults": [{"fault": "close"}]})
        await side(host, session, "/_control/reset", {})
        return await held(host, session), list(host.simulator.stream.since(0)), await put(host, session)

    assert play(tmp_path, act) == (0, [], 200)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_control/born", {}, 501),
        ("/_control/tamper", {"remove": "1"}, 501),
        ("/_control/tamper", {}, 400),
        ("/_control/tamper", {"number": "1", "set": {}}, 400),
        ("/_control/load", {}, 501),
        ("/_control/stages", {"signature": True}, 501),
        ("/_control/decide", {"act": "accept"}, 400),
        ("/_control/decide", {"number": "1", "act": "fly"}, 400),
        ("/_control/decide", {"auto": ["fly"]}, 400),
        ("/_control/faults", [], 400),
        ("/_control/faults", {"faults": [{"fault": "x"}]}, 400),
        ("/_control/else", {}, 404),
    ],
)
def test_the_side_door_says_what_is_wrong(tmp_path, path, body, status):
    """What cannot be done is a status and an error in words, never a crash."""

    async def act(host, session):
        return await side(host, session, path, body)

    seen, answer = play(tmp_path, act)
    assert (seen, list(answer)) == (status, ["error"])


def test_a_large_request_is_read(tmp_path):
    """More than aiohttp's own default of 1 MiB."""

    async def act(host, session):
        return await put(host, session, io.BytesIO(b"x" * 3_000_000))

    assert play(tmp_path, act) == 200


def test_what_is_held_survives_a_restart(tmp_path):
    """The store is a file; secrets are made once and are for us alone."""
    play(tmp_path, put)

    async def settings(host, _session):
        return host.settings()

    assert play(tmp_path, settings)["BRIDGE_TARGETS__TOY__SECRETS__KEY"] == f"file:{tmp_path / 'key'}"
    first = (tmp_path / "key").read_text()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert play(tmp_path, held) == 1
    assert (tmp_path / "key").read_text() == first


def test_a_transaction_is_all_or_nothing(tmp_path):
    """What is put in a block that raises is undone; files are kept once, by digest."""
    store = Store(tmp_path)
    with store.transaction():
        store.put("a", "1", {"x": 1})

    def fail():
        with store.transaction():
            store.put("a", "1", {"x": 2})
            store.put("a", "2", {"x": 2})
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert list(store.all("a")) == [{"x": 1}]
    digest = store.keep_file(b"bytes")
    assert store.keep_file(b"bytes") == digest
    assert store.file(digest) == b"bytes"
    store.close()


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """A package outside of `adapters` that has a simulator."""
    package = tmp_path / "code" / "toy_adapter"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "simulator.py").write_text(
        textwrap.dedent("""
        from bridge.testing.simulator.faults import Fault
        from bridge.testing.simulator.server import Simulator

        class Toy(Simulator):
            target = "toy"

            def routes(self):
                return []

            def settings(self, url):
                return {self.setting("url"): url}

            def records(self):
                return []

        SIMULATOR = Toy
        """),
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    return {"toy": "toy_adapter"}


def test_launched_simulators_are_reached_and_stopped(toys, tmp_path):
    """Each runs in a process of its own, prints where it is, takes faults from a file, and ends with the block."""
    plan = tmp_path / "faults.json"
    plan.write_text('{"toy": {"faults": [{"fault": "close", "share": 0.5}]}}', encoding="utf-8")
    with launch(["toy"], packages=toys, faults_file=plan, folder=tmp_path / "stores") as running:
        assert running.document()["settings"] == {"BRIDGE_TARGETS__TOY__URL": running.targets["toy"]["url"]}
        assert running.ask("toy", "/_control/records") == {"records": []}
        with pytest.raises(SettingsError, match="400"):
            running.ask("toy", "/_control/faults", {"faults": [{"fault": "drip"}]})
    with pytest.raises(OSError, match="refused"):
        running.ask("toy", "/_control/records")
    assert (tmp_path / "stores" / "toy" / "target.db").exists()


def test_a_taken_port_is_named(toys):
    """Ports come in pairs from the base; one that is taken is a settings error, and nothing is left running."""
    with launch(["toy"], packages=toys) as running:
        port = int(running.targets["toy"]["url"].rpartition(":")[2])
        with pytest.raises(SettingsError, match="toy"):
            launch(["toy"], packages=toys, base_port=port)


def test_a_target_without_simulator_is_named():
    """Nothing is started then."""
    assert not has_simulator("demo")
    with pytest.raises(SettingsError, match="demo"):
        launch(["demo"])


def test_a_wrong_file_of_faults_is_named(toys, tmp_path):
    """A file that is not there, no JSON, of the wrong shape, or of targets that do not run."""
    for text in (None, "{", "[]", '{"other": {"faults": []}}'):
        path = tmp_path / "faults.json"
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=r"faults\.json"):
            launch(["toy"], packages=toys, faults_file=path)


@pytest.mark.usefixtures("toys")
def test_a_simulator_dies_with_its_parent(tmp_path):
    """Where the process that started it is killed, its standard input ends, and so does it."""
    words = [sys.executable, "-m", "bridge.testing.simulator.main", "toy_adapter.simulator", "--folder", str(tmp_path)]
    path = ":".join(one for one in sys.path if one)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONPATH": path}) as process:
        assert process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=10) == 0
