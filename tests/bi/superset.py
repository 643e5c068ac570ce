"""A Superset for tests: started on this machine with nothing in it, and asked through its REST API."""

import contextlib
import http.cookiejar
import json
import os
import pathlib
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid

from project import warehouse as w

BIN = w.PROJECT / ".venv-superset" / "bin"
CONFIG = pathlib.Path(__file__).with_name("superset_config.py")


class Superset:
    """A client of a running Superset, signed in.  address: http://host:port; password: of the user admin."""

    def __init__(self, address, password):
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.headers = {}
        sign_in = {"username": "admin", "password": password, "provider": "db", "refresh": False}
        self.headers["Authorization"] = "Bearer " + self.ask("security/login", sign_in)["access_token"]
        self.headers["X-CSRFToken"] = self.ask("security/csrf_token/")["result"]

    def ask(self, path, data=None, method=None, kind="application/json"):
        """The answer of /api/v1/<path> as a dictionary. data: what is sent, bytes or what becomes JSON.  AssertionError: Superset refuses."""
        body = data if data is None or isinstance(data, bytes) else json.dumps(data).encode()
        headers = self.headers | ({"Content-Type": kind} if body else {})
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", body, headers, method=method)
        try:
            with self.opener.open(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()[:2000]}") from error

    def import_dashboard(self, path, renew=False):
        """Imports a file: as a person does on the page Dashboards, or, to renew what is there, as assets. path: of the zip file."""
        mark = uuid.uuid4().hex
        where, field = ("assets/import/", "bundle") if renew else ("dashboard/import/", "formData")
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="pec.zip"\r\nContent-Type: application/zip\r\n\r\n'
        body = head.encode() + pathlib.Path(path).read_bytes() + f"\r\n--{mark}--\r\n".encode()
        return self.ask(where, body, kind=f"multipart/form-data; boundary={mark}")

    def all(self, kind):
        """All things of a kind: chart, dataset, database, dashboard."""
        return self.ask(f"{kind}/?q=(page_size:100)")["result"]

    def rows(self, chart_id, force=True):
        """The rows of a chart's query as dictionaries, asked of the database anew. chart_id: a number."""
        return self.ask(f"chart/{chart_id}/data/?force={str(force).lower()}")["result"][0]["data"]


def free_port():
    """A port of this machine that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def running(folder):
    """Starts a Superset that keeps all it has in a folder, and ends it afterwards; gives a Superset. It takes about a minute."""
    port, password = free_port(), secrets.token_hex(16)
    proxies = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}  # no network: nobody listens there
    own = {"SUPERSET_HOME": str(folder), "SUPERSET_SECRET_KEY": secrets.token_hex(32), "SUPERSET_CONFIG_PATH": str(CONFIG)}
    environment = os.environ | proxies | own | {"FLASK_APP": "superset.app:create_app()", "no_proxy": "127.0.0.1", "PYTHONPATH": ""}
    with open(folder / "superset.log", "w", encoding="utf-8") as log:
        def run(*command):
            subprocess.run([str(BIN / "superset"), *command], env=environment, stdout=log, stderr=log, check=True, cwd=folder)
        run("db", "upgrade")
        run("fab", "create-admin", "--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "a@b.invalid", "--password", password)
        run("init")
        command = [str(BIN / "superset"), "run", "--host", "127.0.0.1", "--port", str(port), "--with-threads"]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            yield wait_for(f"http://127.0.0.1:{port}", password, server)
        finally:
            server.terminate()
            server.wait(30)


def wait_for(address, password, server):
    """A signed-in Superset as soon as the server answers.  AssertionError: it ended, or does not answer within two minutes."""
    for _ in range(240):
        assert server.poll() is None, "Superset ended; its log says why"
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return Superset(address, password)
        time.sleep(0.5)
    raise AssertionError("Superset does not answer")
