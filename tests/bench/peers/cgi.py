#!/usr/bin/env python3
"""A CGI program in Python: an id by GET, and JSON. It knows one product."""

import json
import os
from urllib.parse import parse_qs

PRODUCTS = {"P0000000": {"name": "Product 0000000", "price": 12.95}}

product_id = parse_qs(os.environ["QUERY_STRING"]).get("id", [""])[0]
body = json.dumps(PRODUCTS.get(product_id, PRODUCTS["P0000000"]), separators=(",", ":"))
print(f"Status: 200 OK\nContent-Type: application/json\nContent-Length: {len(body)}\n\n{body}", end="")
