package io.axolotl.client.ctl;

import io.axolotl.client.Alarm;
import io.axolotl.client.AlarmsResult;
import io.axolotl.client.AuthStatusResult;
import io.axolotl.client.Bytes;
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
import java.util.List;

/**
 * A line for each field, its name in quotes: {@code "Revision" : 7}. Bytes are in quotes with Go's escapes, so that every
 * answer is plain text.
 */
final class FieldsPrinter
        implements KvPrinter,
                ClusterPrinter,
                EndpointPrinter,
                LeasePrinter,
                MaintenancePrinter,
                WatchPrinter,
                AuthPrinter {
    private final Console console;

    FieldsPrinter(Console console) {
        this.console = console;
    }

    @Override
    public void put(PutResult result) {
        header(result.header());
        result.previous().ifPresent(kv -> keyValue("Prev", kv));
    }

    @Override
    public void get(GetResult result, boolean valuesOnly, boolean countOnly) {
        header(result.header());
        result.kvs().forEach(kv -> keyValue("", kv));
        field("More", result.more());
        field("Count", result.count());
    }

    @Override
    public void delete(DeleteResult result) {
        header(result.header());
        field("Deleted", result.deleted());
        result.previous().forEach(kv -> keyValue("Prev", kv));
    }

    @Override
    public void txn(TxnResult result) {
        header(result.header());
        field("Succeeded", result.succeeded());
        for (OpResult op : result.results()) {
            if (op instanceof PutResult put) {
                put(put);
            } else if (op instanceof GetResult get) {
                get(get, false, false);
            } else if (op instanceof DeleteResult delete) {
                delete(delete);
            } else if (op instanceof TxnResult nested) {
                txn(nested);
            } else {
                throw new AssertionError("no fields for " + op);
            }
        }
    }

    @Override
    public void watch(WatchResult result) {
        header(result.header());
        for (WatchEvent event : result.events()) {
            field("Type", event.isDelete() ? "DELETE" : "PUT");
            event.previous().ifPresent(previous -> keyValue("Prev", previous));
            keyValue("", event.kv());
        }
    }

    @Override
    public void members(MembersResult result) {
        header(result.header());
        for (Member member : result.members()) {
            unsigned("ID", member.id());
            quoted("Name", member.name());
            member.peerUrls().forEach(url -> quoted("PeerURL", url));
            member.clientUrls().forEach(url -> quoted("ClientURL", url));
            field("IsLearner", member.isLearner());
            console.line("");
        }
    }

    @Override
    public void status(List<EndpointStatus> statuses) {
        for (EndpointStatus row : statuses) {
            StatusResult status = row.status();
            header(status.header());
            quoted("Version", status.version());
            field("DBSize", status.dbSizeBytes());
            unsigned("Leader", status.leaderId());
            field("IsLearner", status.isLearner());
            unsigned("RaftIndex", status.raftIndex());
            unsigned("RaftTerm", status.raftTerm());
            unsigned("RaftAppliedIndex", status.raftAppliedIndex());
            field("Errors", "[" + String.join(" ", status.errors()) + "]");
            quoted("Endpoint", row.endpoint());
            console.line("");
        }
    }

    @Override
    public void health(List<EndpointHealth> healths) {
        for (EndpointHealth row : healths) {
            quoted("Endpoint", row.endpoint());
            field("Health", row.healthy());
            field("Took", GoDuration.format(row.tookNanos()));
            field("Error", row.error());
            console.line("");
        }
    }

    @Override
    public void hashes(List<EndpointHash> hashes) {
        for (EndpointHash row : hashes) {
            header(row.hash().header());
            quoted("Endpoint", row.endpoint());
            field("Hash", row.hash().hash());
            console.line("");
        }
    }

    @Override
    public void alarms(AlarmsResult result) {
        header(result.header());
        for (Alarm alarm : result.alarms()) {
            unsigned("MemberID", alarm.memberId());
            field("AlarmType", alarm.kind());
            console.line("");
        }
    }

    @Override
    public void granted(LeaseGrantResult result) {
        header(result.header());
        field("ID", result.id());
        field("TTL", result.ttlSeconds());
    }

    @Override
    public void revoked(long id, LeaseRevokeResult result) {
        header(result.header());
    }

    @Override
    public void keptAlive(LeaseKeepAliveResult result) {
        header(result.header());
        field("ID", result.id());
        field("TTL", result.ttlSeconds());
    }

    /** etcdctl says so in lines for people alone. */
    @Override
    public void ended(long id) {}

    @Override
    public void timeToLive(LeaseTimeToLiveResult result, boolean hasKeys) {
        header(result.header());
        field("ID", result.id());
        field("TTL", result.ttlSeconds());
        field("GrantedTTL", result.grantedTtlSeconds());
        result.keys().forEach(key -> quoted("Key", key));
    }

    @Override
    public void leases(LeasesResult result) {
        header(result.header());
        result.ids().forEach(id -> field("ID", id));
    }

    @Override
    public void done(String what, Header header) {
        header(header);
    }

    @Override
    public void status(AuthStatusResult result) {
        header(result.header());
        field("Enabled", result.isEnabled());
        unsigned("AuthRevision", result.authRevision());
    }

    @Override
    public void user(String name, NamesResult roles) {
        names("Roles", roles);
    }

    @Override
    public void users(NamesResult users) {
        names("Users", users);
    }

    @Override
    public void roles(NamesResult roles) {
        names("Roles", roles);
    }

    private void names(String field, NamesResult result) {
        header(result.header());
        StringBuilder line = new StringBuilder("\"" + field + "\" :");
        result.names().forEach(name -> line.append(' ').append(GoQuote.quote(Bytes.of(name))));
        console.line(line.toString());
    }

    /** The second space after the colon is etcdctl's. */
    @Override
    public void role(String name, RoleResult role) {
        header(role.header());
        for (Permission permission : role.permissions()) {
            field("PermType", " " + permission.type());
            quoted("Key", permission.range().key());
            quoted("RangeEnd", permission.range().end());
        }
    }

    private void header(Header header) {
        unsigned("ClusterID", header.clusterId());
        unsigned("MemberID", header.memberId());
        field("Revision", header.revision());
        unsigned("RaftTerm", header.raftTerm());
    }

    private void keyValue(String prefix, KeyValue kv) {
        quoted(prefix + "Key", kv.key());
        field(prefix + "CreateRevision", kv.createRevision());
        field(prefix + "ModRevision", kv.modRevision());
        field(prefix + "Version", kv.version());
        quoted(prefix + "Value", kv.value());
        field(prefix + "Lease", kv.lease());
    }

    private void unsigned(String name, long number) {
        field(name, Long.toUnsignedString(number));
    }

    private void quoted(String name, String text) {
        quoted(name, Bytes.of(text));
    }

    private void quoted(String name, Bytes bytes) {
        field(name, GoQuote.quote(bytes));
    }

    private void field(String name, Object value) {
        console.line("\"" + name + "\" : " + value);
    }
}
