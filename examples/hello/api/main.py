"""The API that carries the workshop: it says hello, and can misbehave on request."""

import os
import signal
import socket
import time
from pathlib import Path
from typing import Optional

from fastapi import FastAPI, Header, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

VERSION = os.environ.get("VERSION", "1.0")
STARTED = time.monotonic()
START_DELAY = float(os.environ.get("START_DELAY", "0"))  # seconds before /ready says yes
GUESTBOOK = Path(os.environ.get("DATA_DIR", "/data")) / "guestbook.txt"

app = FastAPI(title="super_api", version=VERSION)
hanging = False


class Entry(BaseModel):
    name: str


@app.get("/", response_class=PlainTextResponse)
def hello():
    return f"Hello {os.environ.get('PRENOM') or 'Unknown'}"


@app.get("/whoami")
def whoami():
    return {"hostname": socket.gethostname(), "version": VERSION}


@app.get("/healthz", response_class=PlainTextResponse)
def healthz():
    while hanging:
        time.sleep(1)
    return "ok"


@app.get("/ready", response_class=PlainTextResponse)
def ready(response: Response):
    if time.monotonic() - STARTED < START_DELAY:
        response.status_code = 503
        return "starting"
    return "ready"


@app.get("/hang", response_class=PlainTextResponse)
def hang():
    """From now on /healthz never answers: a process that lives and does not work."""
    global hanging
    hanging = True
    return "hanging"


@app.get("/crash")
def crash():
    os.kill(os.getpid(), signal.SIGKILL if os.getpid() != 1 else signal.SIGTERM)
    os._exit(1)


@app.get("/burn", response_class=PlainTextResponse)
def burn(ms: int = 100):
    """Keeps one core busy for `ms` milliseconds."""
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        pass
    return f"burned {ms} ms"


@app.get("/guestbook")
def read_guestbook():
    if not GUESTBOOK.exists():
        return {"entries": []}
    return {"entries": GUESTBOOK.read_text(encoding="utf-8").splitlines()}


@app.post("/guestbook", status_code=201)
def sign_guestbook(entry: Entry):
    GUESTBOOK.parent.mkdir(parents=True, exist_ok=True)
    with GUESTBOOK.open("a", encoding="utf-8") as book:
        book.write(" ".join(entry.name.split()) + "\n")
    return read_guestbook()


@app.get("/secret", response_class=PlainTextResponse)
def secret(response: Response, x_api_key: Optional[str] = Header(default=None)):
    expected = os.environ.get("API_KEY")
    if not expected or x_api_key != expected:
        response.status_code = 401
        return "who are you?"
    return "the cake is in the fridge"
