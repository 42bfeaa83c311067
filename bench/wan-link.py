"""wan-link.py NAME RTT_MS LOSS_PERCENT: two network namespaces joined by a link with delay and loss.

Makes the namespaces NAME-server (127.77.0.1) and NAME-client (127.77.0.2), prints "ready", and carries packets
between them until its standard input ends; then it removes both. It needs root, iproute2 and /dev/net/tun, and no
queueing discipline of the kernel. The addresses are of the loopback network, because ftpd listens on no others yet.
"""
import fcntl, heapq, os, random, select, subprocess, sys, time

name, rtt, loss = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def end(side, device, address):
    """One namespace with its end of the link. Returns the descriptor that has the packets it sends."""
    namespace = f"{name}-{side}"
    ip("netns", "add", namespace)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = device.encode().ljust(16, b"\0") + (IFF_TUN | IFF_NO_PI).to_bytes(2, "little") + bytes(22)
    fcntl.ioctl(fd, TUNSETIFF, request)
    ip("link", "set", device, "netns", namespace)
    inside = ("-n", namespace)
    ip(*inside, "link", "set", "lo", "up")
    # The rest of the loopback network is beyond the link.
    ip(*inside, "addr", "del", "127.0.0.1/8", "dev", "lo")
    ip(*inside, "addr", "add", "127.0.0.1/32", "dev", "lo")
    for each in ("all", device):
        setting = f"echo 1 > /proc/sys/net/ipv4/conf/{each}/route_localnet"
        ip("netns", "exec", namespace, "sh", "-c", setting)
    ip(*inside, "addr", "add", address + "/24", "dev", device)
    ip(*inside, "link", "set", device, "mtu", "1500", "txqueuelen", "20000", "up")
    return fd


def carry(fds):
    delay, waiting, count = rtt / 2000, [], 0
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, target, packet = heapq.heappop(waiting)
            try:
                os.write(target, packet)
            except OSError:
                pass  # As on any link, what there is no room for is lost.
        pause = max(0.0, waiting[0][0] - now) if waiting else None
        readable, _, _ = select.select([*fds, sys.stdin], [], [], pause)
        if sys.stdin in readable:
            return
        for fd in readable:
            target = fds[1 - fds.index(fd)]
            for _ in range(256):
                try:
                    packet = os.read(fd, 65600)
                except OSError:
                    break
                if random.random() * 100 < loss:
                    continue
                count += 1
                heapq.heappush(waiting, (time.monotonic() + delay, count, target, packet))


try:
    ends = [end("server", f"{name[-13:]}-s", "127.77.0.1"), end("client", f"{name[-13:]}-c", "127.77.0.2")]
    print("ready", flush=True)
    carry(ends)
except KeyboardInterrupt:
    pass
finally:
    for side in ("server", "client"):
        subprocess.run(["ip", "netns", "del", f"{name}-{side}"], check=False)
