"""requests, httpx and aiohttp: python.py URL."""

import asyncio
import sys

import aiohttp
import httpx
import requests

URL = sys.argv[1]


def pieces():
    yield b"id="
    yield b"A002"


FORM = {"Content-Type": "application/x-www-form-urlencoded"}

for name, library in (("requests", requests), ("httpx", httpx)):
    streamed = {"content": pieces()} if library is httpx else {"data": pieces()}
    first = library.get(URL, params={"id": "A001"})
    print(name, "get", first.text)
    print(name, "form", library.post(URL, data={"id": "A002"}).text)
    print(name, "multipart", library.post(URL, data={"id": "A002"}, files={"more": b"x"}).text)
    print(name, "json", library.post(URL, json={"id": "A002", "more": [True]}).text)
    print(name, "streamed", library.post(URL, headers=FORM, **streamed).text)
    tag = {"If-None-Match": first.headers["ETag"]}
    print(name, "again", library.get(URL, params={"id": "A001"}, headers=tag).status_code)


async def asynchronous():
    async def body():
        for piece in pieces():
            yield piece

    async with aiohttp.ClientSession() as session:

        async def told(what, asked):
            async with asked as reply:
                print("aiohttp", what, reply.status if what == "again" else await reply.text())
                return reply.headers.get("ETag")

        tag = await told("get", session.get(URL, params={"id": "A001"}))
        await told("form", session.post(URL, data={"id": "A002"}))
        form = aiohttp.FormData({"id": "A002"})
        form.add_field("more", b"x", filename="x")
        await told("multipart", session.post(URL, data=form))
        await told("json", session.post(URL, json={"id": "A002", "more": [True]}))
        await told("streamed", session.post(URL, headers=FORM, data=body()))
        await told("again", session.get(URL, params={"id": "A001"}, headers={"If-None-Match": tag}))


asyncio.run(asynchronous())
