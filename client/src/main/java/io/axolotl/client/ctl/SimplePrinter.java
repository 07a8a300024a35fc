package io.axolotl.client.ctl;

import io.axolotl.client.AlarmsResult;
import io.axolotl.client.Bytes;
import io.axolotl.client.DeleteResult;
import io.axolotl.client.GetResult;
import io.axolotl.client.Header;
import io.axolotl.client.KeyValue;
import io.axolotl.client.MemberAddResult;
import io.axolotl.client.MembersResult;
import io.axolotl.client.OpResult;
import io.axolotl.client.PutResult;
import io.axolotl.client.TxnResult;
import io.axolotl.client.WatchEvent;
import io.axolotl.client.WatchResult;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Lines for people and shell scripts. */
final class SimplePrinter
        implements KvPrinter, ClusterPrinter, EndpointPrinter, MemberPrinter, MaintenancePrinter, WatchPrinter {
    private final Console console;
    private final boolean hex;

    SimplePrinter(Console console, boolean hex) {
        this.console = console;
        this.hex = hex;
    }

    @Override
    public void put(PutResult result) {
        console.line("OK");
        result.previous().ifPresent(kv -> keyValue(kv, false));
    }

    @Override
    public void get(GetResult result, boolean valuesOnly, boolean countOnly) {
        if (countOnly) {
            console.line(Long.toString(result.count()));
        }
        result.kvs().forEach(kv -> keyValue(kv, valuesOnly));
    }

    @Override
    public void delete(DeleteResult result) {
        console.line(Long.toString(result.deleted()));
        result.previous().forEach(kv -> keyValue(kv, false));
    }

    @Override
    public void txn(TxnResult result) {
        console.line(result.succeeded() ? "SUCCESS" : "FAILURE");
        for (OpResult op : result.results()) {
            console.line("");
            if (op instanceof PutResult put) {
                put(put);
            } else if (op instanceof GetResult get) {
                get(get, false, false);
            } else if (op instanceof DeleteResult delete) {
                delete(delete);
            } else if (op instanceof TxnResult nested) {
                txn(nested);
            } else {
                throw new AssertionError("no line for " + op);
            }
        }
    }

    @Override
    public void movedLeader(long fromMemberId, long toMemberId) {
        console.line("Leadership transferred from " + Long.toHexString(fromMemberId) + " to "
                + Long.toHexString(toMemberId));
    }

    /** With what the new member has to be started with, as settings of the environment. */
    @Override
    public void added(String name, List<String> peerUrls, MemberAddResult result) {
        long id = result.member().id();
        console.line(change(id, "added to", result.header()));
        String cluster = result.members().stream()
                .flatMap(member ->
                        member.peerUrls().stream().map(url -> (member.id() == id ? name : member.name()) + "=" + url))
                .collect(Collectors.joining(","));
        console.line("");
        console.line("ETCD_NAME=\"" + name + "\"");
        console.line("ETCD_INITIAL_CLUSTER=\"" + cluster + "\"");
        console.line("ETCD_INITIAL_ADVERTISE_PEER_URLS=\"" + String.join(",", peerUrls) + "\"");
        console.line("ETCD_INITIAL_CLUSTER_STATE=\"existing\"");
    }

    @Override
    public void promoted(long memberId, MembersResult result) {
        console.line(change(memberId, "promoted in", result.header()));
    }

    @Override
    public void updated(long memberId, MembersResult result) {
        console.line(change(memberId, "updated in", result.header()));
    }

    @Override
    public void removed(long memberId, MembersResult result) {
        console.line(change(memberId, "removed from", result.header()));
    }

    private static String change(long memberId, String what, Header header) {
        return String.format(Locale.ROOT, "Member %16x %s cluster %16x", memberId, what, header.clusterId());
    }

    @Override
    public void members(MembersResult result) {
        result.members().forEach(member -> console.line(String.join(", ", MemberRows.member(member))));
    }

    @Override
    public void status(List<EndpointStatus> statuses) {
        statuses.forEach(row -> console.line(String.join(", ", MemberRows.status(row))));
    }

    /** On the error stream, as etcdctl does. */
    @Override
    public void health(List<EndpointHealth> healths) {
        for (EndpointHealth row : healths) {
            console.errorLine(
                    row.healthy()
                            ? row.endpoint() + " is healthy: successfully committed proposal: took = "
                                    + GoDuration.format(row.tookNanos())
                            : row.endpoint() + " is unhealthy: failed to commit proposal: " + row.error());
        }
    }

    @Override
    public void watch(WatchResult result) {
        for (WatchEvent event : result.events()) {
            console.line(event.isDelete() ? "DELETE" : "PUT");
            event.previous().ifPresent(previous -> keyValue(previous, false));
            keyValue(event.kv(), false);
        }
    }

    @Override
    public void hashes(List<EndpointHash> hashes) {
        hashes.forEach(row -> console.line(String.join(", ", MemberRows.hash(row))));
    }

    @Override
    public void alarms(AlarmsResult result) {
        result.alarms().forEach(alarm -> console.line(alarm.toString()));
    }

    private void keyValue(KeyValue kv, boolean valuesOnly) {
        if (!valuesOnly) {
            console.line(form(kv.key()));
        }
        console.line(form(kv.value()));
    }

    private Bytes form(Bytes bytes) {
        if (!hex) {
            return bytes;
        }
        StringBuilder text = new StringBuilder(bytes.size() * 4);
        for (byte b : bytes.toByteArray()) {
            text.append("\\x").append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
        }
        return Bytes.of(text.toString());
    }
}
