"""A program as a channel, whole: sends what a citizen wrote and prints the answers. Python alone, nothing to install.

    SECRET=… python api-client.py https://sportello.example/hooks/modulo-web/ "Quando apre l'anagrafe?"

In the channel's settings, enter the same secret and the address where this program listens (port 9000 here).
"""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET, SEEN = os.environ["SECRET"].encode(), set()


def sign(timestamp: str, body: bytes) -> str:
    return "v1=" + hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(url: str, document: dict) -> str:
    body, timestamp = json.dumps(document).encode(), str(int(time.time()))
    headers = {"Sportello-Timestamp": timestamp, "Sportello-Signature": sign(timestamp, body)}
    return urllib.request.urlopen(urllib.request.Request(url, body, headers)).read().decode()


class Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body, timestamp = self.rfile.read(int(self.headers["Content-Length"])), self.headers["Sportello-Timestamp"]
        genuine = hmac.compare_digest(sign(timestamp, body), self.headers["Sportello-Signature"])
        fresh = abs(time.time() - int(timestamp)) < 300
        self.send_response(204 if genuine and fresh else 403)
        self.end_headers()
        message = json.loads(body) if genuine and fresh else {"key": None}
        if message["key"] and message["key"] not in SEEN:  # the same key is the same message
            SEEN.add(message["key"])
            print(f"{message['author']}: {message['text']}", flush=True)


if __name__ == "__main__":
    answers = HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Answers)
    said = {"id": str(uuid.uuid4()), "from": {"id": "u-17", "name": "Giulia Ferri"}, "text": sys.argv[2]}
    print(post(sys.argv[1], {"messages": [said]}), flush=True)
    answers.serve_forever()
