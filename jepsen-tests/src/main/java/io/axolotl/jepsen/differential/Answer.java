package io.axolotl.jepsen.differential;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.axolotl.client.proto.LeaseGrantResponse;
import io.axolotl.client.proto.LeaseLeasesResponse;
import io.axolotl.client.proto.LeaseStatus;
import io.axolotl.client.proto.LeaseTimeToLiveResponse;
import io.axolotl.client.proto.TxnRequest;
import io.grpc.Status;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What became of a call, without what may differ between two servers that agree: equal answers are what this package is about.
 * Immutable.
 *
 * @param text the description of the status; empty for OK
 * @param messages one for a call that went well, none otherwise
 */
record Answer(Status.Code code, String text, List<Message> messages) {
    /** What a transaction can be refused for when it meets the store. */
    private static final Set<String> STATE_REFUSALS = Set.of(
            "etcdserver: key not found",
            "etcdserver: requested lease not found",
            "etcdserver: mvcc: required revision has been compacted",
            "etcdserver: mvcc: required revision is a future revision");

    /** Stands for all that are. */
    private static final long CHOSEN_BY_SERVER = -1;

    Answer {
        messages = List.copyOf(messages);
    }

    /** @param revisions of the episode that the call belongs to */
    static Answer of(Status status, List<? extends Message> messages, Revisions revisions) {
        return new Answer(
                status.getCode(),
                Optional.ofNullable(status.getDescription()).orElse(""),
                messages.stream().map(revisions::toEpisode).map(Answer::settled).toList());
    }

    /**
     * Whether two servers said the same. They may differ in which of several broken rules of a transaction they tell, as etcd did
     * until 3.5: it looked at all puts before it looked at ranges (TX-10). Nothing is applied either way.
     */
    static boolean agree(Call<?, ?> call, Answer one, Answer other) {
        boolean isOfTxn = call.request() instanceof TxnRequest
                && STATE_REFUSALS.contains(one.text)
                && STATE_REFUSALS.contains(other.text);
        return isOfTxn || one.equals(other);
    }

    boolean isOk() {
        return code == Status.Code.OK;
    }

    /** LE-1, LE-4, LE-5: leases and their keys come in any order; what the server chooses and a running clock are not compared. */
    private static Message settled(Message message) {
        if (message instanceof LeaseGrantResponse granted) {
            return granted.toBuilder().setID(leaseId(granted.getID())).build();
        }
        if (message instanceof LeaseTimeToLiveResponse left) {
            LeaseTimeToLiveResponse.Builder settled = left.toBuilder().clearKeys();
            left.getKeysList().stream()
                    .sorted(Comparator.comparing(key -> key.toStringUtf8()))
                    .forEach(settled::addKeys);
            boolean isRunning = left.getTTL() > 0 && left.getTTL() <= left.getGrantedTTL();
            return settled.setTTL(isRunning ? left.getGrantedTTL() : left.getTTL())
                    .build();
        }
        if (message instanceof LeaseLeasesResponse all) {
            LeaseLeasesResponse.Builder settled = all.toBuilder().clearLeases();
            all.getLeasesList().stream()
                    .map(LeaseStatus::getID)
                    .map(Answer::leaseId)
                    .sorted()
                    .forEach(id -> settled.addLeases(LeaseStatus.newBuilder().setID(id)));
            return settled.build();
        }
        return message;
    }

    private static long leaseId(long id) {
        return id > Episode.LEASES ? CHOSEN_BY_SERVER : id;
    }

    @Override
    public String toString() {
        String found = messages.stream()
                .map(message ->
                        "{" + TextFormat.printer().emittingSingleLine(true).printToString(message) + "}")
                .collect(Collectors.joining(" "));
        return isOk() ? found : code + ": " + text + found;
    }
}
