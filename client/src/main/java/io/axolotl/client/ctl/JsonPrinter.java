package io.axolotl.client.ctl;

import com.google.gson.stream.JsonWriter;
import io.axolotl.client.Alarm;
import io.axolotl.client.AlarmsResult;
import io.axolotl.client.AuthStatusResult;
import io.axolotl.client.Bytes;
import io.axolotl.client.DeleteResult;
import io.axolotl.client.GetResult;
import io.axolotl.client.HashKvResult;
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
import io.axolotl.client.StatusResult;
import io.axolotl.client.TxnResult;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchResult;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;

/**
 * One line of JSON, as Go encodes the response messages of etcd 3.4: fields by their wire names, in order of their numbers;
 * bytes in base64; 64-bit numbers as numbers; zeros, empty lists and false left out.
 */
final class JsonPrinter
        implements KvPrinter,
                ClusterPrinter,
                EndpointPrinter,
                MemberPrinter,
                LeasePrinter,
                MaintenancePrinter,
                WatchPrinter,
                AuthPrinter {
    private static final List<Permission.Type> TYPES = List.of(Permission.Type.values());

    private final Console console;

    JsonPrinter(Console console) {
        this.console = console;
    }

    @Override
    public void put(PutResult result) {
        print(json -> putBody(json, result));
    }

    @Override
    public void get(GetResult result, boolean valuesOnly, boolean countOnly) {
        print(json -> getBody(json, result));
    }

    @Override
    public void delete(DeleteResult result) {
        print(json -> deleteBody(json, result));
    }

    @Override
    public void txn(TxnResult result) {
        print(json -> txnBody(json, result));
    }

    /** The response to a handover is empty (HD-3). */
    @Override
    public void movedLeader(long fromMemberId, long toMemberId) {
        print(json -> json.beginObject().endObject());
    }

    @Override
    public void added(String name, List<String> peerUrls, MemberAddResult result) {
        print(json -> {
            json.beginObject();
            header(json, result.header());
            json.name("member");
            member(json, result.member());
            members(json, result.members());
            json.endObject();
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

    @Override
    public void members(MembersResult result) {
        print(json -> {
            json.beginObject();
            header(json, result.header());
            members(json, result.members());
            json.endObject();
        });
    }

    private static void members(JsonWriter json, List<Member> members) throws IOException {
        if (members.isEmpty()) {
            return;
        }
        json.name("members").beginArray();
        for (Member member : members) {
            member(json, member);
        }
        json.endArray();
    }

    private static void member(JsonWriter json, Member member) throws IOException {
        json.beginObject();
        unsigned(json, "ID", member.id());
        text(json, "name", member.name());
        texts(json, "peerURLs", member.peerUrls());
        texts(json, "clientURLs", member.clientUrls());
        flag(json, "isLearner", member.isLearner());
        json.endObject();
    }

    @Override
    public void status(List<EndpointStatus> statuses) {
        print(json -> {
            json.beginArray();
            for (EndpointStatus row : statuses) {
                StatusResult status = row.status();
                json.beginObject().name("Endpoint").value(row.endpoint());
                json.name("Status").beginObject();
                header(json, status.header());
                text(json, "version", status.version());
                number(json, "dbSize", status.dbSizeBytes());
                unsigned(json, "leader", status.leaderId());
                unsigned(json, "raftIndex", status.raftIndex());
                unsigned(json, "raftTerm", status.raftTerm());
                unsigned(json, "raftAppliedIndex", status.raftAppliedIndex());
                texts(json, "errors", status.errors());
                number(json, "dbSizeInUse", status.dbSizeInUseBytes());
                flag(json, "isLearner", status.isLearner());
                json.endObject().endObject();
            }
            json.endArray();
        });
    }

    @Override
    public void health(List<EndpointHealth> healths) {
        print(json -> {
            json.beginArray();
            for (EndpointHealth row : healths) {
                json.beginObject();
                json.name("endpoint").value(row.endpoint());
                json.name("health").value(row.healthy());
                json.name("took").value(GoDuration.format(row.tookNanos()));
                text(json, "error", row.error());
                json.endObject();
            }
            json.endArray();
        });
    }

    /** Go's own structure around the message, with its names. */
    @Override
    public void watch(WatchResult result) {
        print(json -> {
            json.beginObject();
            header(json, "Header", result.header());
            json.name("Events").beginArray();
            for (WatchEvent event : result.events()) {
                json.beginObject();
                number(json, "type", event.isDelete() ? 1 : 0);
                json.name("kv");
                keyValue(json, event.kv());
                if (event.previous().isPresent()) {
                    json.name("prev_kv");
                    keyValue(json, event.previous().get());
                }
                json.endObject();
            }
            json.endArray();
            json.name("CompactRevision").value(result.compactRevision());
            json.name("Canceled").value(result.isCanceled());
            json.name("Created").value(false);
            json.endObject();
        });
    }

    @Override
    public void hashes(List<EndpointHash> hashes) {
        print(json -> {
            json.beginArray();
            for (EndpointHash row : hashes) {
                HashKvResult hash = row.hash();
                json.beginObject().name("Endpoint").value(row.endpoint());
                json.name("HashKV").beginObject();
                header(json, hash.header());
                number(json, "hash", hash.hash());
                number(json, "compact_revision", hash.compactRevision());
                number(json, "hash_revision", hash.hashRevision());
                json.endObject().endObject();
            }
            json.endArray();
        });
    }

    /** Kinds by number, as Go prints them. */
    @Override
    public void alarms(AlarmsResult result) {
        print(json -> {
            json.beginObject();
            if (result.header().clusterId() != 0) {
                header(json, result.header());
            }
            if (!result.alarms().isEmpty()) {
                json.name("alarms").beginArray();
                for (Alarm alarm : result.alarms()) {
                    json.beginObject();
                    unsigned(json, "memberID", alarm.memberId());
                    number(
                            json,
                            "alarm",
                            switch (alarm.kind()) {
                                case NOSPACE -> 1;
                                case CORRUPT -> 2;
                                case UNRECOGNIZED -> 0;
                            });
                    json.endObject();
                }
                json.endArray();
            }
            json.endObject();
        });
    }

    @Override
    public void granted(LeaseGrantResult result) {
        print(json -> {
            json.beginObject();
            headerFields(json, result.header());
            json.name("ID").value(result.id());
            json.name("TTL").value(result.ttlSeconds());
            json.name("Error").value("");
            json.endObject();
        });
    }

    @Override
    public void revoked(long id, LeaseRevokeResult result) {
        print(json -> {
            json.beginObject();
            header(json, result.header());
            json.endObject();
        });
    }

    @Override
    public void keptAlive(LeaseKeepAliveResult result) {
        print(json -> {
            json.beginObject();
            headerFields(json, result.header());
            json.name("ID").value(result.id());
            json.name("TTL").value(result.ttlSeconds());
            json.endObject();
        });
    }

    /** etcdctl says so in lines for people alone. */
    @Override
    public void ended(long id) {}

    @Override
    public void timeToLive(LeaseTimeToLiveResult result, boolean hasKeys) {
        print(json -> {
            json.beginObject();
            headerFields(json, result.header());
            json.name("id").value(result.id());
            json.name("ttl").value(result.ttlSeconds());
            json.name("granted-ttl").value(result.grantedTtlSeconds());
            json.name("keys");
            if (result.keys().isEmpty()) {
                json.nullValue();
            } else {
                json.beginArray();
                for (Bytes key : result.keys()) {
                    json.value(Base64.getEncoder().encodeToString(key.toByteArray()));
                }
                json.endArray();
            }
            json.endObject();
        });
    }

    @Override
    public void leases(LeasesResult result) {
        print(json -> {
            json.beginObject();
            headerFields(json, result.header());
            json.name("leases").beginArray();
            for (long id : result.ids()) {
                json.beginObject().name("id").value(id).endObject();
            }
            json.endArray().endObject();
        });
    }

    private static void putBody(JsonWriter json, PutResult result) throws IOException {
        json.beginObject();
        header(json, result.header());
        if (result.previous().isPresent()) {
            json.name("prev_kv");
            keyValue(json, result.previous().get());
        }
        json.endObject();
    }

    private static void getBody(JsonWriter json, GetResult result) throws IOException {
        json.beginObject();
        header(json, result.header());
        keyValues(json, "kvs", result.kvs());
        flag(json, "more", result.more());
        number(json, "count", result.count());
        json.endObject();
    }

    private static void deleteBody(JsonWriter json, DeleteResult result) throws IOException {
        json.beginObject();
        header(json, result.header());
        number(json, "deleted", result.deleted());
        keyValues(json, "prev_kvs", result.previous());
        json.endObject();
    }

    private static void txnBody(JsonWriter json, TxnResult result) throws IOException {
        json.beginObject();
        header(json, result.header());
        flag(json, "succeeded", result.succeeded());
        if (!result.results().isEmpty()) {
            json.name("responses").beginArray();
            for (OpResult op : result.results()) {
                json.beginObject().name("Response").beginObject();
                if (op instanceof PutResult put) {
                    json.name("ResponsePut");
                    putBody(json, put);
                } else if (op instanceof GetResult get) {
                    json.name("ResponseRange");
                    getBody(json, get);
                } else if (op instanceof DeleteResult delete) {
                    json.name("ResponseDeleteRange");
                    deleteBody(json, delete);
                } else if (op instanceof TxnResult nested) {
                    json.name("ResponseTxn");
                    txnBody(json, nested);
                } else {
                    throw new AssertionError("no JSON for " + op);
                }
                json.endObject().endObject();
            }
            json.endArray();
        }
        json.endObject();
    }

    private static void header(JsonWriter json, Header header) throws IOException {
        header(json, "header", header);
    }

    private static void header(JsonWriter json, String name, Header header) throws IOException {
        json.name(name).beginObject();
        headerFields(json, header);
        json.endObject();
    }

    /** In answers about leases etcdctl has them beside the other fields. */
    @Override
    public void done(String what, Header header) {
        print(json -> {
            json.beginObject();
            header(json, header);
            json.endObject();
        });
    }

    @Override
    public void status(AuthStatusResult result) {
        print(json -> {
            json.beginObject();
            header(json, result.header());
            flag(json, "enabled", result.isEnabled());
            unsigned(json, "authRevision", result.authRevision());
            json.endObject();
        });
    }

    @Override
    public void user(String name, NamesResult roles) {
        names("roles", roles);
    }

    @Override
    public void users(NamesResult users) {
        names("users", users);
    }

    @Override
    public void roles(NamesResult roles) {
        names("roles", roles);
    }

    private void names(String field, NamesResult result) {
        print(json -> {
            json.beginObject();
            header(json, result.header());
            texts(json, field, result.names());
            json.endObject();
        });
    }

    @Override
    public void role(String name, RoleResult role) {
        print(json -> {
            json.beginObject();
            header(json, role.header());
            if (!role.permissions().isEmpty()) {
                json.name("perm").beginArray();
                for (Permission permission : role.permissions()) {
                    json.beginObject();
                    number(json, "permType", TYPES.indexOf(permission.type()));
                    bytes(json, "key", permission.range().key());
                    bytes(json, "range_end", permission.range().end());
                    json.endObject();
                }
                json.endArray();
            }
            json.endObject();
        });
    }

    private static void headerFields(JsonWriter json, Header header) throws IOException {
        unsigned(json, "cluster_id", header.clusterId());
        unsigned(json, "member_id", header.memberId());
        number(json, "revision", header.revision());
        unsigned(json, "raft_term", header.raftTerm());
    }

    private static void keyValues(JsonWriter json, String name, List<KeyValue> kvs) throws IOException {
        if (kvs.isEmpty()) {
            return;
        }
        json.name(name).beginArray();
        for (KeyValue kv : kvs) {
            keyValue(json, kv);
        }
        json.endArray();
    }

    private static void keyValue(JsonWriter json, KeyValue kv) throws IOException {
        json.beginObject();
        bytes(json, "key", kv.key());
        number(json, "create_revision", kv.createRevision());
        number(json, "mod_revision", kv.modRevision());
        number(json, "version", kv.version());
        bytes(json, "value", kv.value());
        number(json, "lease", kv.lease());
        json.endObject();
    }

    private static void number(JsonWriter json, String name, long number) throws IOException {
        if (number != 0) {
            json.name(name).value(number);
        }
    }

    private static void unsigned(JsonWriter json, String name, long number) throws IOException {
        if (number != 0) {
            json.name(name).jsonValue(Long.toUnsignedString(number));
        }
    }

    private static void bytes(JsonWriter json, String name, Bytes bytes) throws IOException {
        if (!bytes.isEmpty()) {
            json.name(name).value(Base64.getEncoder().encodeToString(bytes.toByteArray()));
        }
    }

    private static void text(JsonWriter json, String name, String text) throws IOException {
        if (!text.isEmpty()) {
            json.name(name).value(text);
        }
    }

    private static void texts(JsonWriter json, String name, List<String> texts) throws IOException {
        if (texts.isEmpty()) {
            return;
        }
        json.name(name).beginArray();
        for (String text : texts) {
            json.value(text);
        }
        json.endArray();
    }

    private static void flag(JsonWriter json, String name, boolean flag) throws IOException {
        if (flag) {
            json.name(name).value(true);
        }
    }

    /** Something that writes one JSON value. */
    private interface Body {
        void write(JsonWriter json) throws IOException;
    }

    private void print(Body body) {
        StringWriter line = new StringWriter();
        try (JsonWriter json = new JsonWriter(line)) {
            body.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        // Go writes these three as escapes wherever they occur; outside of texts JSON has none of them.
        console.line(
                line.toString().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"));
    }
}
