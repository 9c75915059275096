"""cpe_acs: an ACS that an item plays by hand: it takes each POST, and says what is answered and when.

A POST that nobody answers waits; one that nobody takes is there for the next who looks.
"""

import queue
import threading
import time
from functools import cached_property

import envelope
from cpe_http import Listener, chunked, response
from cpe_rpc import Envelope, get_values, set_values
from items import NotApplicable

PATIENCE = 15  # seconds that a CPE may take for what it does at once
RESPONSES = {  # to requests of the CPE's own, where they are not empty
    "GetRPCMethods": '<MethodList soapenc:arrayType="xsd:string[3]"><string>Inform</string>'
                     "<string>GetRPCMethods</string><string>TransferComplete</string></MethodList>",
    "Kicked": "<NextURL/>",
}


class Reply:
    """An answer. pause: seconds to hold its second half back. drops: none at all, the connection is closed."""

    def __init__(self, status=200, body=b"", headers=(), is_chunked=False, closes=False, pause=0, drops=False):
        self.message = response(status, body, headers)
        if body:
            self.message.set("Content-Type", "text/xml; charset=utf-8")
        if closes:
            self.message.set("Connection", "close")
        if is_chunked:
            chunked(self.message)
        self.pause, self.drops = pause, drops


class Post:
    """One request of the CPE."""

    def __init__(self, message, connection):
        self.message, self.connection = message, connection
        self.path, self.body = message.start.split()[1], message.body
        self.arrived, self.answered = time.monotonic(), None
        self.was_impatient = False  # spoke again before it had the whole answer
        self._reply, self._is_ready = None, threading.Event()

    @cached_property
    def envelope(self):
        return Envelope(self.body) if self.body else None

    @property
    def method(self):
        """Of the envelope; None for an empty POST."""
        return self.envelope.method if self.body else None

    def header(self, name):
        return self.message.get(name)

    def answer(self, reply):
        self.answered = time.monotonic()
        self._reply = reply
        self._is_ready.set()

    def deliver(self):
        """Sends the answer when it is known. True when the connection stays open."""
        self._is_ready.wait()
        reply = self._reply
        if reply.drops:
            self.connection.close()
            return False
        data = reply.message.head() + reply.message.body
        half = len(data) // 2 if reply.pause else len(data)
        self.connection.write(data[:half])
        self.was_impatient = bool(reply.pause) and self.connection.speaks_within(reply.pause)
        self.connection.write(data[half:])
        return reply.message.get("Connection") != "close"

    def __repr__(self):
        return self.method or "empty POST"


class ScriptedAcs:
    """url is where it listens, or what leads there."""

    def __init__(self, path="/acs", tls=None):
        self.posts, self.waiting = [], queue.Queue()
        self.listener = Listener(self._serve, tls)
        self.path, self.url = path, self.listener.base + path
        self.namespace, self.ids = "1-2", 0

    def close(self):
        self.listener.close()
        for post in self.posts:
            if not post.answered:
                post.answer(Reply(drops=True))

    def _serve(self, connection):
        is_open = True
        while is_open and (message := connection.read()):
            post = Post(message, connection)
            self.posts.append(post)
            self.waiting.put(post)
            is_open = post.deliver()

    def wrap(self, body, id, header=""):
        return envelope.wrap(body, self.namespace, id, header)

    # What the CPE sends.

    def take(self, timeout=PATIENCE):
        """The next POST."""
        try:
            return self.waiting.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"nothing from the CPE within {timeout:.1f} s") from None

    def take_inform(self, timeout=PATIENCE):
        post = self.take(timeout)
        assert post.method == "Inform", f"{post} where an Inform should open a session"
        self.namespace = post.envelope.namespace
        return post

    def hears_nothing(self, seconds):
        """Fails when a POST comes within so many seconds."""
        try:
            post = self.waiting.get(timeout=seconds)
        except queue.Empty:
            return
        raise AssertionError(f"{post} came where the CPE should have been silent")

    # What it answers.

    def inform_response(self, post, header="", **how):
        body = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
        return Reply(200, self.wrap(body, post.envelope.id, header), **how)

    def request(self, body, id=None, header="", **how):
        """A request of the ACS, with an ID of its own unless one is given."""
        self.ids += 1
        return Reply(200, self.wrap(body, f"acs-{self.ids}" if id is None else id, header), **how)

    def nothing(self):
        return Reply(204)

    def acknowledgement(self, post):
        """The response to a request of the CPE's own."""
        body = f"<cwmp:{post.method}Response>{RESPONSES.get(post.method, '')}</cwmp:{post.method}Response>"
        return Reply(200, self.wrap(body, post.envelope.id))

    def fault(self, post, code):
        return Reply(200, self.wrap(envelope.fault(code, "no"), post.envelope.id))

    def session(self, timeout=PATIENCE):
        """The next session, up to where it is the ACS's turn."""
        return Session(self, self.take_inform(timeout)).begin()

    def fail_session(self, timeout=PATIENCE, reply=None):
        """Lets the next session fail at its Inform; returns that POST."""
        post = self.take_inform(timeout)
        post.answer(reply or Reply(503))
        return post


class Session:
    """One session, played step by step. `pending` is the POST that waits for an answer."""

    def __init__(self, acs, post):
        self.acs, self.pending, self.began = acs, post, post.arrived
        self.inform, self.root = post.envelope, post.envelope.root
        self.requests = []  # the CPE's own, after its Inform

    def begin(self, **how):
        """Accepts the Inform and the CPE's own requests, until its empty POST."""
        self.answer(self.acs.inform_response(self.pending, **how))
        while self.pending.method:
            assert self.pending.method != "Inform", "a second Inform in one session"
            self.requests.append(self.pending.envelope)
            self.answer(self.acs.acknowledgement(self.pending))
        return self

    def answer(self, reply):
        """Answers the pending POST and takes the next."""
        self.pending.answer(reply)
        self.pending = self.acs.take()
        return self.pending

    def call(self, body, id=None, header="", **how):
        """Sends a request; the envelope that answers it."""
        self.answer(self.acs.request(body, id, header, **how))
        assert self.pending.body, f"an empty POST instead of an answer to {body[:40]}"
        return self.pending.envelope

    def must(self, body, **how):
        """As call, when a fault is not an answer."""
        answer = self.call(body, **how)
        assert not answer.is_fault, f"fault {answer.fault_code} to {body[:60]}"
        return answer

    def refused(self, body, *codes):
        """As call, when only a fault of one of those codes is an answer."""
        answer = self.call(body)
        assert answer.is_fault, f"{answer.method} where fault {codes} was due for {body[:80]}"
        assert answer.fault_code in codes, f"fault {answer.fault_code} instead of {codes}"
        return answer

    def set(self, *values, key=""):
        """Sets parameters below the root: (relative name, value, type) each."""
        triples = [(self.root + name, value, f"xsd:{kind}") for name, value, kind in values]
        return self.must(set_values(*triples, key=key))

    def needs(self, *relatives):
        """The item does not apply to a CPE whose model lacks one of these parameters."""
        for relative in relatives:
            answer = self.call(get_values(self.root + relative))
            if answer.is_fault and answer.fault_code == 9005:
                raise NotApplicable(f"it has no {relative}")

    def get(self, relative):
        """The value of one parameter below the root."""
        return self.must(get_values(self.root + relative)).parameters[0][1]

    def end(self, reply=None):
        """The ACS has no more requests. Returns when that was said."""
        self.pending.answer(reply or self.acs.nothing())
        return self.pending.answered
