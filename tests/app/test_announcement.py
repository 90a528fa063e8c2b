"""What a server says when it is ready."""

import json
import logging
import shlex
import socket

import pytest
from tts.app.announcement import announce, demo_places, http_places, wyoming_places
from tts.app.logs import JsonFormatter
from tts.app.network.hosts import Hosts


def test_it_names_each_page_and_a_call_to_copy(capsys):
    announce("tts serve", http_places("127.0.0.1", 8000, None, demo=True))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "tts serve is ready; Ctrl-C stops it"
    places = dict(line.strip().split("  ", 1) for line in lines[1:])
    assert places["page"].strip() == "http://127.0.0.1:8000/"
    assert places["demo"].strip() == "http://127.0.0.1:8000/demo/"
    assert places["key"].strip() == "none is needed"
    call = shlex.split(places["try"])
    assert call[:2] == ["curl", "http://127.0.0.1:8000/v1/audio/speech"]
    assert json.loads(call[call.index("-d") + 1]) == {"input": "Hello."}


def test_a_call_reads_the_key_from_its_file_and_nothing_prints_it(tmp_path):
    key = tmp_path / "my key.txt"
    key.write_text("sesame\n")
    places = http_places("127.0.0.1", 8000, key)
    assert places["key"] == f"needed, the one in {key}"
    assert f"\"Authorization: Bearer $(head -n 1 '{key}')\"" in places["try"]
    assert "sesame" not in str(places)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("192.0.2.7", "http://192.0.2.7:80"),
    ],
)
def test_the_address_is_one_that_this_machine_and_others_reach(host, url):
    places = demo_places(host, 80)
    assert places["page"] == url
    assert ("from other machines" in places) == (host != "127.0.0.1")
    name = places.get("from other machines", url).removeprefix("http://").removesuffix(":80")
    assert name in Hosts(host=host), "the server answers to it"
    if host in ("0.0.0.0", "::"):
        assert name == socket.gethostname()


def test_in_a_log_of_json_it_is_one_object(caplog, capsys):
    with caplog.at_level(logging.INFO):
        announce("tts serve", wyoming_places(["tcp://[::1]:10200"]), as_json=True)
    told = json.loads(JsonFormatter().format(caplog.records[0]))
    assert told["message"] == "tts serve is ready"
    assert told["Wyoming"] == "tcp://[::1]:10200, without a key"
    assert capsys.readouterr().err == ""
