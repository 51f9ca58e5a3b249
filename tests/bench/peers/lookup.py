#!/usr/bin/env python3
"""A product by its id, with sqlite3: an application for WSGI, or a CGI program."""

import json
import os
import sqlite3
import sys
import threading
import time
from urllib.parse import parse_qs

# A connection may be used by the thread alone that has opened it; it keeps prepared statements.
OPEN = threading.local()


def find(environ, product_id):
    if not hasattr(OPEN, "db"):
        OPEN.db = sqlite3.connect(f"file:{environ['PRODUCTS_DB']}?mode=ro", uri=True)
    return OPEN.db.execute("SELECT name, price FROM product WHERE id = ?", (product_id,)).fetchone()


def id_of_form(environ):
    # Here, since a CGI program that is asked by GET is sooner without them.
    import cgi
    import io

    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if not hasattr(OPEN, "log"):
        OPEN.log = open(environ["DEBUG_LOG"], "a")
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    lines = body.count(b"\n") + 1
    OPEN.log.write(f"{now} content_len: {len(body)}\n{now} no of lines: {lines}\n")
    OPEN.log.flush()
    return cgi.FieldStorage(fp=io.BytesIO(body), environ=environ).getfirst("id", "")


def application(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        product_id = id_of_form(environ)
    else:
        product_id = parse_qs(environ["QUERY_STRING"]).get("id", [""])[0]
    found = find(environ, product_id)
    name, price = found or ("", "0")
    body = f'{{"name":{json.dumps(name, ensure_ascii=False)},"price":{price}}}'.encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK" if found else "404 Not Found", headers)
    return [body]


if __name__ == "__main__":

    def start(status, headers):
        lines = [("Status", status), *headers]
        sys.stdout.buffer.write("".join(f"{name}: {value}\r\n" for name, value in lines).encode() + b"\r\n")

    sys.stdout.buffer.writelines(application({**os.environ, "wsgi.input": sys.stdin.buffer}, start))
