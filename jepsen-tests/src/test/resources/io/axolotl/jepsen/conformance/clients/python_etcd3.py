"""Drives a server with Debian's python3-etcd3 (PyPI etcd3 0.12.0): python_etcd3.py HOST PORT.

What it prints must be the same whichever server it talks to: revisions are counted from the first write on, and what servers
choose by themselves is left out. It uses keys below /python/ and the lock /locks/python only.
"""

import io
import sys

import etcd3
import grpc

BOUND_SECONDS = 20
client = etcd3.client(host=sys.argv[1], port=int(sys.argv[2]), timeout=BOUND_SECONDS)


def revision_of(key):
    return client.get(key)[1].mod_revision


def relative(revision):
    return revision - origin


def show(what, *facts):
    print(what + ":", *facts, flush=True)


def refusal(action):
    try:
        action()
    except grpc.RpcError as error:
        return "%s, %s" % (error.code().name, error.details())
    except etcd3.exceptions.Etcd3Exception as error:
        return type(error).__name__
    return "no refusal"


def described(event):
    kind = type(event).__name__
    before = event.prev_value.decode() if event.prev_mod_revision else "nothing"
    return "%s %s=%s at %d, before that %s" % (
        kind, event.key.decode(), event.value.decode(), relative(event.mod_revision), before)


def keys_and_values():
    show("put", client.put("/python/a", "1", prev_kv=True).prev_kv.value)
    show("put again", client.put("/python/a", "2", prev_kv=True).prev_kv.value)
    value, metadata = client.get("/python/a")
    show("get", value, metadata.version, relative(metadata.create_revision), relative(metadata.mod_revision), metadata.lease_id)
    show("get nothing", client.get("/python/none"))
    show("if absent", client.put_if_not_exists("/python/a", "3"), client.put_if_not_exists("/python/b", "3"))
    show("replace", client.replace("/python/b", "3", "4"), client.replace("/python/b", "3", "5"))
    client.put("/python/c", b"\x00\xff")
    show("prefix", [(found.key, value) for value, found in client.get_prefix("/python/", sort_order="descend")])
    show("keys", [(found.key, value) for value, found in client.get_prefix("/python/", keys_only=True)])
    show("range", [found.key for value, found in client.get_range("/python/a", "/python/c", sort_target="mod", sort_order="descend")])
    show("serializable", client.get("/python/b", serializable=True)[0])
    show("delete", client.delete("/python/a"), client.delete("/python/a"))
    show("delete with the value", client.delete("/python/b", prev_kv=True, return_response=True).prev_kvs[0].value)
    show("empty key", refusal(lambda: client.put("", "1")))
    show("delete the rest", client.delete_prefix("/python/").deleted)


def transactions():
    t = client.transactions
    client.put("/python/txn", "old")
    at = revision_of("/python/txn")
    compares = [t.value("/python/txn") == "old", t.version("/python/txn") > 0,
                t.create("/python/txn") < at + 1, t.mod("/python/txn") == at]
    done, responses = client.transaction(
        compare=compares,
        success=[t.put("/python/txn", "new"), t.get("/python/txn"), t.delete("/python/txn-none")],
        failure=[])
    show("txn", done, len(responses), responses[1][0][0], responses[2].response_delete_range.deleted)
    done, responses = client.transaction(
        compare=[t.value("/python/txn") == "old"],
        success=[t.put("/python/txn", "never")],
        failure=[t.get("/python/txn"), t.txn(compare=[t.version("/python/txn") == 2], success=[t.delete("/python/txn")], failure=[])])
    show("txn that fails", done, responses[0][0][0], responses[1].response_txn.succeeded)
    show("gone", client.get("/python/txn")[0])
    show("duplicate", refusal(lambda: client.transaction(
        compare=[], success=[t.put("/python/txn", "1"), t.put("/python/txn", "2")], failure=[])))


def watches():
    client.put("/python/watch/a", "1")
    first = revision_of("/python/watch/a")
    client.put("/python/watch/a", "2")
    client.put("/python/watch/b", "3")
    client.delete("/python/watch/a")
    events, cancel = client.watch_prefix("/python/watch/", start_revision=first, prev_kv=True)
    for _ in range(4):
        show("history", described(next(events)))
    client.put("/python/watch/c", "4")
    show("present", described(next(events)))
    cancel()
    show("once", described(client.watch_once("/python/watch/b", timeout=BOUND_SECONDS, start_revision=first)))
    newest = revision_of("/python/watch/c")
    client.compact(newest)
    try:
        events, cancel = client.watch("/python/watch/a", start_revision=first)
        next(events)
    except etcd3.exceptions.RevisionCompactedError as error:
        show("compacted", relative(error.compacted_revision) == relative(newest))
    show("compacted again", refusal(lambda: client.compact(newest)))
    client.delete_prefix("/python/watch/")


def leases():
    lease = client.lease(600, lease_id=4711)
    client.put("/python/leased", "1", lease=lease)
    show("lease", lease.id, lease.ttl, lease.granted_ttl, 590 < lease.remaining_ttl <= 600, list(lease.keys))
    show("renewed", [answer.TTL for answer in lease.refresh()])
    show("same lease", refusal(lambda: client.lease(600, lease_id=4711)))
    lease.revoke()
    show("revoked", client.get("/python/leased")[0], lease.granted_ttl, lease.remaining_ttl)
    show("revoked again", refusal(lease.revoke))
    show("put with it", refusal(lambda: client.put("/python/leased", "1", lease=4711)))
    short = client.lease(2)
    client.put("/python/short", "1", lease=short)
    event = client.watch_once("/python/short", timeout=BOUND_SECONDS, start_revision=revision_of("/python/short") + 1)
    show("expired", type(event).__name__, client.get("/python/short")[0])


def locks():
    # Waiting for one that is taken fails in the client, with any server: it calls its retry library as an older one wanted it.
    lock = client.lock("python", ttl=60)
    show("acquired", lock.acquire(), lock.is_acquired())
    other = client.lock("python", ttl=60)
    show("taken", other.acquire(timeout=0))
    show("refreshed", lock.refresh()[0].TTL)
    show("released", lock.release(), lock.release())
    show("free", other.acquire(timeout=0), other.is_acquired(), lock.is_acquired(), other.release())
    with client.lock("python", ttl=60) as inside:
        show("inside", inside.is_acquired())
    show("outside", inside.is_acquired())


def upkeep():
    show("members", len(list(client.members)))
    status = client.status()
    show("status", status.leader is not None, status.db_size > 0, status.raft_term > 0)
    show("alarms", list(client.list_alarms()))
    client.defragment()
    saved = io.BytesIO()
    client.snapshot(saved)
    show("snapshot ends in a digest", len(saved.getvalue()) % 512)


client.delete_prefix("/python/")
client.put("/python/origin", "")
origin = revision_of("/python/origin")
for part in (keys_and_values, transactions, watches, leases, locks, upkeep):
    part()
