"""The Python application that product-lookup takes the place of, as small as it can be: an id by
GET or in a POSTed form, JSON, two lines in a log for each POST. The products are in memory."""

import cgi
import csv
import json
import os
import time
from urllib.parse import parse_qs

FOLDER = os.path.dirname(os.path.abspath(__file__))
LOG = os.path.join(FOLDER, "log", "debug.log")

with open(os.path.join(FOLDER, "products.csv"), newline="") as products:
    PRODUCTS = {product_id: (name, price) for product_id, name, price in csv.reader(products)}


def log(*messages):
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    with open(LOG, "a") as file:
        file.write("".join(f"{now} {message}\n" for message in messages))


def application(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        form = cgi.FieldStorage(fp=environ["wsgi.input"], environ=environ)
        log(f"content_len: {environ['CONTENT_LENGTH']}", f"no of fields: {len(form)}")
        product_id = form.getfirst("id", "")
    else:
        product_id = parse_qs(environ["QUERY_STRING"]).get("id", [""])[0]
    name, price = PRODUCTS.get(product_id, ("", "0"))
    body = f'{{"name":{json.dumps(name)},"price":{price}}}'.encode()
    status = "200 OK" if name else "404 Not Found"
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
