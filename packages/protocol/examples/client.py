#!/usr/bin/env python3
"""A small jftp client, written from docs/PROTOCOL.md and docs/REQUESTS.md alone. It does one request at a time.

usage: client.py HOST PORT put LOCAL REMOTE | get REMOTE LOCAL | ls REMOTE
"""
import hashlib, json, os, socket, struct, sys

HELLO, REQUEST, ACK, DATA, END, CANCEL, PING, PONG, BYE = range(1, 10)


class Client:
    def __init__(self, host, port, user="anonymous"):
        self.stream = socket.create_connection((host, port), timeout=60).makefile("rwb")
        hello = {"protocol": "jftp", "versions": {"min": 1, "max": 1}, "agent": "client.py/1", "digests": ["md5"]}
        self.send(HELLO, json.dumps(hello).encode(), id=0)
        self.receive(HELLO)
        self.request("login", user=user)

    def send(self, type, payload=b"", id=1):
        self.stream.write(struct.pack(">IBBH", len(payload), type, 0, id) + payload)

    def receive(self, *expected):
        """Returns the type and the content of the next frame. Raises an error for a refusal and for a broken session."""
        self.stream.flush()
        length, type, _, id = struct.unpack(">IBBH", self.read(8))
        payload = self.read(length)
        if type in (PING, PONG):
            if type == PING:
                self.send(PONG, id=id)
            return self.receive(*expected)
        content = payload if type == DATA else json.loads(payload)
        if type != DATA and "error" in content:
            raise OSError("%(code)s: %(message)s" % content["error"])
        if type not in expected:
            raise OSError("the server ended the session or broke the protocol: it sent a frame of type %d" % type)
        return type, content

    def read(self, length):
        data = self.stream.read(length) if length <= 1024 * 1024 else b""
        if len(data) < length:
            raise OSError("the connection ended in the middle of a frame, or a frame is too large")
        return data

    def request(self, command, **arguments):
        self.send(REQUEST, json.dumps({"cmd": command, **arguments}).encode())
        return self.receive(ACK)[1]

    def put(self, local, remote):
        digest = hashlib.md5()
        with open(local, "rb") as file:
            self.request("put", path=remote)
            for piece in iter(lambda: file.read(256 * 1024), b""):
                digest.update(piece)
                self.send(DATA, piece)
            end = {"size": file.tell(), "digest": {"alg": "md5", "hex": digest.hexdigest()}}
        self.send(END, json.dumps(end).encode())
        return self.receive(ACK)[1]

    def get(self, remote, local):
        size = self.request("get", path=remote)["size"]
        with open(local + ".part", "wb") as file:
            file.writelines(self.body())
            if file.tell() != size:
                raise OSError("the server announced %d bytes and sent %d" % (size, file.tell()))
        os.replace(local + ".part", local)

    def ls(self, remote):
        self.request("ls", path=remote)
        return [json.loads(line) for line in b"".join(self.body()).splitlines()]

    def body(self):
        """Yields the pieces of a body, and raises an error at the end if they are not what the server sent."""
        digest, size = hashlib.md5(), 0
        type, content = self.receive(DATA, END)
        while type == DATA:
            digest.update(content)
            size += len(content)
            yield content
            type, content = self.receive(DATA, END)
        if content["size"] != size or content["digest"]["hex"] != digest.hexdigest():
            raise OSError("digest-mismatch: the bytes changed on the way")


if __name__ == "__main__":
    if len(sys.argv) < 5 or sys.argv[3] not in ("put", "get", "ls"):
        sys.exit(__doc__)
    try:
        client = Client(sys.argv[1], int(sys.argv[2]))
        print(json.dumps(getattr(client, sys.argv[3])(*sys.argv[4:])))
    except OSError as error:
        sys.exit("client.py: %s" % error)
