"""Multipart bodies and what two parsers read in them. In go bodies as JSON on stdin; out come, as
JSON on stdout, those and the bodies of the parsers' own tests and of HTTP clients, each with the
fields that python-multipart and Werkzeug read in it. Bytes are strings with a character each.

parsers.py FOLDER: the folder has the source distributions."""

import collections
import contextlib
import http.server
import io
import json
import logging
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

import pytest
import python_multipart
import requests
import werkzeug.formparser
import werkzeug.http
import werkzeug.sansio.multipart
import werkzeug.test
import yaml

# Its boundaries are random, and now and then one character longer than a boundary may be (RFC 2046).
werkzeug.test.random = lambda: 0.5


def with_python_multipart(content_type, body):
    fields = []
    parser = python_multipart.create_form_parser(
        {"Content-Type": content_type.encode("latin-1")},
        lambda field: fields.append((field.field_name, field.value or b"")),
        lambda file: None,
    )
    parser.write(body)
    parser.finalize()
    return [[part.decode("utf-8", "replace") for part in field] for field in fields]


def with_werkzeug(content_type, body):
    kind, options = werkzeug.http.parse_options_header(content_type)
    if kind.lower() != "multipart/form-data":
        raise ValueError("not multipart/form-data")
    parser = werkzeug.formparser.FormDataParser(silent=False)
    _, form, _ = parser.parse(io.BytesIO(body), kind.lower(), len(body), options)
    return list(form.items(multi=True))


def read(parser, vector):
    """The fields, or null where the parser refuses."""
    try:
        return parser(vector["content_type"], vector["body"].encode("latin-1"))
    except Exception:
        return None


def vector(name, content_type, body):
    return {"name": name, "content_type": content_type, "body": body.decode("latin-1")}


def http_files(source):
    """The bodies that are files among python-multipart's tests."""
    for file in sorted(source.glob("tests/test_data/http/*.http")):
        boundary = yaml.safe_load(file.with_suffix(".yaml").read_text())["boundary"]
        yield vector(file.name, f'multipart/form-data; boundary="{boundary}"', file.read_bytes())


def curl(fields, file_name, content):
    """What `curl -F` posts to a server that keeps it."""
    posted = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posted.extend((self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server, tempfile.NamedTemporaryFile() as file:
        server.timeout = 30
        file.write(content)
        file.flush()
        arguments = [part for name, value in fields for part in ("--form-string", f"{name}={value}")]
        quoted = file_name.replace('"', '\\"')
        arguments += ["-F", f'file=@{file.name};filename="{quoted}"', f"http://127.0.0.1:{server.server_port}/"]
        with subprocess.Popen(["curl", "--silent", "--noproxy", "*", "--max-time", "30", *arguments]):
            server.handle_request()
    return posted


def node(fields, file_name, content):
    """What `fetch` of Node.js posts."""
    script = """
        const [fields, fileName, content] = JSON.parse(process.argv[1]);
        const form = new FormData();
        for (const [name, value] of fields) form.append(name, value);
        form.append("file", new Blob([new Uint8Array(content)]), fileName);
        const posted = new Response(form);
        posted.arrayBuffer().then(body => console.log(JSON.stringify(
            [posted.headers.get("Content-Type"), Buffer.from(body).toString("latin1")])));
    """
    arguments = json.dumps([fields, file_name, list(content)])
    said = subprocess.run(["node", "-e", script, arguments], check=True, capture_output=True).stdout
    content_type, body = json.loads(said)
    return content_type, body.encode("latin-1")


def clients():
    """One form as clients write it: a blank value, line ends, and what is not ASCII, also in names."""
    fields = [("id", "A002"), ("name", "\u00e9\u4e2d \r\n--"), ('a"b', ""), ("\u00e9", "1")]
    file_name, content = 'na\u00efve "1".txt', b"\xff\r\n"
    request = requests.Request("POST", "http://localhost/", data=fields, files={"file": (file_name, content)})
    prepared = request.prepare()
    yield vector("requests", prepared.headers["Content-Type"], prepared.body)
    yield vector("curl", *curl(fields, file_name, content))
    yield vector("Node.js", *node(fields, file_name, content))


class Recorder:
    """A pytest plugin: what tests give to their parsers, by the tests' names."""

    def __init__(self, monkeypatch):
        self.test, self.bodies = "", {}
        self.record(monkeypatch, python_multipart.MultipartParser, "write", lambda parser: parser.boundary[4:])
        decoder = werkzeug.sansio.multipart.MultipartDecoder
        self.record(monkeypatch, decoder, "receive_data", lambda parser: parser.boundary)

    def record(self, monkeypatch, kind, write, boundary_of):
        original = getattr(kind, write)

        def recorded(parser, data, *rest):
            # The parser is held, so that no other gets its id.
            body = self.bodies.setdefault(id(parser), (parser, self.test, boundary_of(parser), []))[-1]
            body.append(bytes(data or b""))
            return original(parser, data, *rest)

        monkeypatch.setattr(kind, write, recorded)

    def pytest_runtest_setup(self, item):
        self.test = re.split(r"\[|__", item.name)[0]

    def vectors(self):
        for _, test, boundary, body in self.bodies.values():
            yield vector(test, f'multipart/form-data; boundary="{boundary.decode("latin-1")}"', b"".join(body))


def recorded(*tests):
    """The bodies that are in the tests themselves. Tests with random ones or with 50 MB are not run."""
    not_run = "not (fuzz or random or single_bytes or http or after_last)"
    arguments = ["--disable-plugin-autoload", "--noconftest", "-p", "no:cacheprovider", "-k", not_run]
    with pytest.MonkeyPatch.context() as monkeypatch, contextlib.redirect_stdout(io.StringIO()) as said:
        recorder = Recorder(monkeypatch)
        if pytest.main([*arguments, *map(str, tests)], plugins=[recorder]) != 0:
            sys.exit(said.getvalue())
    return recorder.vectors()


def theirs(archives):
    with tempfile.TemporaryDirectory() as folder:
        for archive in archives:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        sources = pathlib.Path(folder)
        [multipart] = sources.glob("python_multipart-*")
        [tests] = sources.glob("werkzeug-*/tests")
        yield from http_files(multipart)
        yield from recorded(multipart / "tests/test_multipart.py")
        yield from recorded(tests / "sansio/test_multipart.py", tests / "test_formparser.py")


def once(vectors):
    """Each body once, with a name of its own; none that is longer than what the program reads."""
    seen, names = set(), collections.Counter()
    for each in vectors:
        key = (each["content_type"].replace('"', ""), each["body"])
        if key not in seen and len(each["body"]) <= 1 << 20:
            seen.add(key)
            names[each["name"]] += 1
            if names[each["name"]] > 1:
                each["name"] += f" {names[each['name']]}"
            yield each


if __name__ == "__main__":
    logging.disable()
    vectors = json.load(sys.stdin) + list(once([*theirs(pathlib.Path(sys.argv[1]).glob("*.tar.gz")), *clients()]))
    for each in vectors:
        each["python-multipart"] = read(with_python_multipart, each)
        each["Werkzeug"] = read(with_werkzeug, each)
    json.dump(vectors, sys.stdout)
