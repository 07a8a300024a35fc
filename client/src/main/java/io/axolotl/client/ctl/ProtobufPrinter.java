package io.axolotl.client.ctl;

import io.axolotl.client.Alarm;
import io.axolotl.client.AlarmsResult;
import io.axolotl.client.AuthStatusResult;
import io.axolotl.client.DeleteResult;
import io.axolotl.client.GetResult;
import io.axolotl.client.Header;
import io.axolotl.client.KeyValue;
import io.axolotl.client.LeaseGrantResult;
import io.axolotl.client.LeaseKeepAliveResult;
import io.axolotl.client.LeaseRevokeResult;
import io.axolotl.client.LeaseTimeToLiveResult;
import io.axolotl.client.LeasesResult;
import io.axolotl.client.Member;
import io.axolotl.client.MemberAddResult;
import io.axolotl.client.MembersResult;
import io.axolotl.client.NamesResult;
import io.axolotl.client.OpResult;
import io.axolotl.client.Permission;
import io.axolotl.client.PutResult;
import io.axolotl.client.RoleResult;
import io.axolotl.client.TxnResult;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The response messages of etcd's API as bytes, one after the other, with nothing between or after them. Written by hand from
 * the typed results: the generated messages stay behind the client. Answers about leases are their header alone, without its
 * tag, as with etcdctl 3.4.
 */
final class ProtobufPrinter
        implements KvPrinter,
                ClusterPrinter,
                MemberPrinter,
                LeasePrinter,
                MaintenancePrinter,
                WatchPrinter,
                AuthPrinter {
    private static final List<Permission.Type> TYPES = List.of(Permission.Type.values());

    private final Console console;

    ProtobufPrinter(Console console) {
        this.console = console;
    }

    private void print(ProtobufMessage.Body body) {
        try {
            console.out().writeBytes(ProtobufMessage.encoded(body));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    @Override
    public void put(PutResult result) {
        print(message -> putFields(message, result));
    }

    @Override
    public void get(GetResult result, boolean valuesOnly, boolean countOnly) {
        print(message -> getFields(message, result));
    }

    @Override
    public void delete(DeleteResult result) {
        print(message -> deleteFields(message, result));
    }

    @Override
    public void txn(TxnResult result) {
        print(message -> txnFields(message, result));
    }

    private static void putFields(ProtobufMessage message, PutResult result) throws IOException {
        message.header(result.header());
        if (result.previous().isPresent()) {
            keyValue(message, 2, result.previous().get());
        }
    }

    private static void getFields(ProtobufMessage message, GetResult result) throws IOException {
        message.header(result.header());
        for (KeyValue kv : result.kvs()) {
            keyValue(message, 2, kv);
        }
        message.flag(3, result.more());
        message.number(4, result.count());
    }

    private static void deleteFields(ProtobufMessage message, DeleteResult result) throws IOException {
        message.header(result.header());
        message.number(2, result.deleted());
        for (KeyValue kv : result.previous()) {
            keyValue(message, 3, kv);
        }
    }

    private static void txnFields(ProtobufMessage message, TxnResult result) throws IOException {
        message.header(result.header());
        message.flag(2, result.succeeded());
        for (OpResult op : result.results()) {
            message.message(3, response -> {
                if (op instanceof GetResult get) {
                    response.message(1, inner -> getFields(inner, get));
                } else if (op instanceof PutResult put) {
                    response.message(2, inner -> putFields(inner, put));
                } else if (op instanceof DeleteResult delete) {
                    response.message(3, inner -> deleteFields(inner, delete));
                } else if (op instanceof TxnResult nested) {
                    response.message(4, inner -> txnFields(inner, nested));
                } else {
                    throw new AssertionError("no message for " + op);
                }
            });
        }
    }

    private static void keyValue(ProtobufMessage message, int field, KeyValue kv) throws IOException {
        message.message(field, inner -> {
            inner.bytes(1, kv.key());
            inner.number(2, kv.createRevision());
            inner.number(3, kv.modRevision());
            inner.number(4, kv.version());
            inner.bytes(5, kv.value());
            inner.number(6, kv.lease());
        });
    }

    @Override
    public void watch(WatchResult result) {
        print(message -> {
            message.header(result.header());
            message.flag(4, result.isCanceled());
            message.number(5, result.compactRevision());
            for (WatchEvent event : result.events()) {
                message.message(11, inner -> {
                    inner.number(1, event.isDelete() ? 1 : 0);
                    keyValue(inner, 2, event.kv());
                    if (event.previous().isPresent()) {
                        keyValue(inner, 3, event.previous().get());
                    }
                });
            }
        });
    }

    @Override
    public void members(MembersResult result) {
        print(message -> {
            message.header(result.header());
            for (Member member : result.members()) {
                member(message, 2, member);
            }
        });
    }

    @Override
    public void added(String name, List<String> peerUrls, MemberAddResult result) {
        print(message -> {
            message.header(result.header());
            member(message, 2, result.member());
            for (Member member : result.members()) {
                member(message, 3, member);
            }
        });
    }

    @Override
    public void promoted(long memberId, MembersResult result) {
        members(result);
    }

    @Override
    public void updated(long memberId, MembersResult result) {
        members(result);
    }

    @Override
    public void removed(long memberId, MembersResult result) {
        members(result);
    }

    /** The response to a handover is empty (HD-3). */
    @Override
    public void movedLeader(long fromMemberId, long toMemberId) {}

    private static void member(ProtobufMessage message, int field, Member member) throws IOException {
        message.message(field, inner -> {
            inner.number(1, member.id());
            inner.text(2, member.name());
            inner.texts(3, member.peerUrls());
            inner.texts(4, member.clientUrls());
            inner.flag(5, member.isLearner());
        });
    }

    @Override
    public void alarms(AlarmsResult result) {
        print(message -> {
            if (result.header().clusterId() != 0) {
                message.header(result.header());
            }
            for (Alarm alarm : result.alarms()) {
                message.message(2, inner -> {
                    inner.number(1, alarm.memberId());
                    inner.number(
                            2,
                            switch (alarm.kind()) {
                                case NOSPACE -> 1;
                                case CORRUPT -> 2;
                                case UNRECOGNIZED -> 0;
                            });
                });
            }
        });
    }

    @Override
    public void granted(LeaseGrantResult result) {
        print(message -> ProtobufMessage.headerFields(message, result.header()));
    }

    @Override
    public void revoked(long id, LeaseRevokeResult result) {
        print(message -> message.header(result.header()));
    }

    @Override
    public void keptAlive(LeaseKeepAliveResult result) {
        print(message -> ProtobufMessage.headerFields(message, result.header()));
    }

    /** etcdctl says so in lines for people alone. */
    @Override
    public void ended(long id) {}

    @Override
    public void timeToLive(LeaseTimeToLiveResult result, boolean hasKeys) {
        print(message -> ProtobufMessage.headerFields(message, result.header()));
    }

    @Override
    public void leases(LeasesResult result) {
        print(message -> ProtobufMessage.headerFields(message, result.header()));
    }

    @Override
    public void done(String what, Header header) {
        print(message -> message.header(header));
    }

    @Override
    public void status(AuthStatusResult result) {
        print(message -> {
            message.header(result.header());
            message.flag(2, result.isEnabled());
            message.number(3, result.authRevision());
        });
    }

    @Override
    public void user(String name, NamesResult roles) {
        names(roles);
    }

    @Override
    public void users(NamesResult users) {
        names(users);
    }

    @Override
    public void roles(NamesResult roles) {
        names(roles);
    }

    private void names(NamesResult result) {
        print(message -> {
            message.header(result.header());
            message.texts(2, result.names());
        });
    }

    @Override
    public void role(String name, RoleResult role) {
        print(message -> {
            message.header(role.header());
            for (Permission permission : role.permissions()) {
                message.message(2, inner -> {
                    inner.number(1, TYPES.indexOf(permission.type()));
                    inner.bytes(2, permission.range().key());
                    inner.bytes(3, permission.range().end());
                });
            }
        });
    }
}
