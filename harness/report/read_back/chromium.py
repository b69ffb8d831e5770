"""Chromium without a window, spoken to through two pipes (the DevTools protocol): no library is needed."""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium-headless-shell", "chrome-headless-shell", "chromium", "google-chrome", "google-chrome-stable")


def find():
    return next(filter(None, map(shutil.which, (os.environ.get("KERNELGATE_CHROMIUM", ""), *NAMES))), None)


class Chromium:
    """One browser with one page. Everything that the console was told is in `console`."""

    def __init__(self, program, limit_s=60):
        self.limit_s, self.number, self.waiting, self.console = limit_s, 0, b"", []
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # it writes on while it ends
        to_child, self.write_end = os.pipe()
        self.read_end, from_child = os.pipe()

        def pipes():
            # What lies on 3 and 4 already is moved away first.
            command, answer = os.dup(to_child), os.dup(from_child)
            os.dup2(command, 3)
            os.dup2(answer, 4)

        self.child = subprocess.Popen(
            [program, "--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--force-color-profile=srgb", f"--user-data-dir={self.profile.name}",
             "--no-sandbox"],  # neither root nor a container has one, and the pages are our own
            preexec_fn=pipes, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        target = self.call("Target.createTarget", url="about:blank", session=None)["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True, session=None)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, kind, *ignored):
        if kind:  # what the page said of it is worth more than where the driver stood
            print("\n".join(self.console))
        self.child.kill()
        self.child.wait()
        os.close(self.read_end)
        os.close(self.write_end)
        self.profile.cleanup()

    def receive(self, until):
        while b"\0" not in self.waiting:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.read_end], [], [], left)[0]:
                raise TimeoutError("Chromium did not answer")
            part = os.read(self.read_end, 1 << 20)
            if not part:
                raise RuntimeError("Chromium ended")
            self.waiting += part
        text, self.waiting = self.waiting.split(b"\0", 1)
        message = json.loads(text)
        method, about = message.get("method"), message.get("params", {})
        if method == "Runtime.consoleAPICalled":
            self.console.append(f"{about['type']}: " + " ".join(str(one.get("value", one.get("description"))) for one in about["args"]))
        elif method == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.console.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded":
            self.console.append(f"{about['entry']['level']}: {about['entry']['text']}")
        elif method == "Page.javascriptDialogOpening":
            self.console.append("dialog: " + about["message"])
            self.send("Page.handleJavaScriptDialog", {"accept": True}, self.session)
        return message

    def send(self, method, parameters, session):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_end, data):]
        return self.number

    def call(self, method, session="page", **parameters):
        number, until = self.send(method, parameters, self.session if session else None), time.monotonic() + self.limit_s
        while True:
            message = self.receive(until)
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]

    def evaluate(self, script):
        """What the expression gives, once what it promises is there."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        return answer["result"].get("value")

    def look(self, width=1280, height=900, dark=False, medium="screen", phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", media=medium,
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, path, fragment=""):
        """Seconds from the command until the page was drawn: loaded, its scripts run, a frame painted."""
        self.navigate("about:blank")  # else the same page would only be scrolled
        began = time.monotonic()
        self.navigate(pathlib.Path(path).resolve().as_uri() + fragment)
        self.settle()
        return time.monotonic() - began

    def navigate(self, url):
        """Until it is loaded, by the document's own word: events of two documents are easily taken for each other."""
        self.call("Page.navigate", url=url)
        until = time.monotonic() + self.limit_s
        while time.monotonic() < until:
            try:
                if self.evaluate("document.readyState + ' ' + location.href.split('#')[0]") == "complete " + url.split("#")[0]:
                    return
            except RuntimeError:
                pass  # between two documents
            time.sleep(0.01)
        raise TimeoutError(f"{url} was not loaded")

    def settle(self):
        """Two frames, or what they may take where none is drawn."""
        self.evaluate("Promise.race([new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1)))),"
                      " new Promise((done) => setTimeout(() => done(0), 1000))])")

    def key(self, key, code=0):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                      **({"text": {"Enter": "\r"}.get(key, key)} if kind == "keyDown" and (len(key) == 1 or key == "Enter") else {}))
        self.settle()

    def screenshot(self, path, whole=False):
        self.settle()
        more = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            more = {"clip": {**size, "scale": 1}, "captureBeyondViewport": True}
        pathlib.Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **more)["data"]))

    def pdf(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"]))
