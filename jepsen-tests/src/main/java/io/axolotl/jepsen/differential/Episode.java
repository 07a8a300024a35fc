package io.axolotl.jepsen.differential;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LeaseKeepAliveRequest;
import io.axolotl.client.proto.LeaseLeasesRequest;
import io.axolotl.client.proto.LeaseRevokeRequest;
import io.axolotl.client.proto.LeaseTimeToLiveRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchCreateRequest.FilterType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Draws calls over few keys, values, leases and revisions, so that they meet, and a share of them that must be refused. What is
 * drawn depends on the seed and the number of the episode alone.
 *
 * <p>Left out, since etcd's answer is no contract: numbers of enums that do not exist (RG-7; an unknown comparison passes as true
 * there), negative revisions within transactions, and what its search for duplicates (TX-9) does not see: the keys of a delete
 * without an end, and those that a nested transaction deletes after one before it in the list has put them.
 *
 * <p>Confined to one thread.
 */
final class Episode {
    /** With the zero byte, which as the end of a range means "no end". A dozen at most (see the package). */
    private static final List<ByteString> KEYS = latin1("a", "aa", "ab", "b", "ba", "c", "\u00ff", "d", "\0", "a\0");

    private static final List<ByteString> VALUES = latin1("", "0", "1", "10", "2", "\u00fe\u00ff", "value");
    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});
    /** Their ids are 1 to this; servers that choose one choose a large one. */
    static final int LEASES = 4;
    /** So long that none expires within an episode, on the slowest machine. */
    private static final int LEASE_SECONDS = 10_000;

    private static final int MAX_DEPTH = 3;

    private final Random random;
    private final boolean hasLeases;
    private final boolean hasWatches;
    private int watches;
    /** About the revision that the store has reached. */
    private long reached = Revisions.START;

    private Episode(Random random, Set<Feature> features) {
        this.random = random;
        this.hasLeases = features.contains(Feature.LEASE);
        this.hasWatches = features.contains(Feature.WATCH);
    }

    static List<Step> draw(long seed, int number, int size, Set<Feature> features) {
        Episode episode = new Episode(new Random(seed * 1_000_003 + number), features);
        List<Step> calls = new ArrayList<>();
        while (calls.size() < size) {
            calls.add(episode.step());
        }
        // Whatever happened, the store must hold the same, and have the same history.
        calls.add(new Call<>(KVGrpc.getRangeMethod(), everything().build()));
        for (long revision = Revisions.START - 1; revision <= episode.reached; revision++) {
            calls.add(new Call<>(
                    KVGrpc.getRangeMethod(), everything().setRevision(revision).build()));
        }
        return calls;
    }

    private static List<ByteString> latin1(String... texts) {
        return List.of(texts).stream()
                .map(text -> ByteString.copyFrom(text, StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static RangeRequest.Builder everything() {
        return RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO);
    }

    private Step step() {
        if (!hasWatches || !oneIn(15)) {
            return call();
        }
        if (watches > 0 && oneIn(3)) {
            return new CancelWatch(random.nextInt(watches));
        }
        return oneIn(4) ? new AskProgress() : new OpenWatch(watches++, watch());
    }

    /** Key and end now and then enclose nothing, and the start may be compacted or in the future. */
    private WatchCreateRequest watch() {
        WatchCreateRequest.Builder watch = WatchCreateRequest.newBuilder()
                .setKey(oneIn(3) ? ZERO : key())
                .setRangeEnd(rangeEnd())
                .setPrevKv(random.nextBoolean())
                .setFragment(oneIn(4))
                .setProgressNotify(oneIn(4));
        if (oneIn(6)) {
            watch.addFilters(FilterType.NOPUT);
        }
        if (oneIn(6)) {
            watch.addFilters(FilterType.NODELETE);
        }
        if (!oneIn(3)) {
            watch.setStartRevision(revision());
        }
        if (oneIn(4)) {
            // May be taken, also by one that the server has chosen.
            watch.setWatchId(1L + random.nextInt(6));
        }
        return watch.build();
    }

    private Call<?, ?> call() {
        int chance = random.nextInt(hasLeases ? 130 : 100);
        if (chance < 32) {
            reached++;
            return new Call<>(KVGrpc.getPutMethod(), put());
        }
        if (chance < 44) {
            reached += random.nextInt(2);
            return new Call<>(KVGrpc.getDeleteRangeMethod(), delete());
        }
        if (chance < 70) {
            RangeRequest range = range();
            return new Call<>(
                    KVGrpc.getRangeMethod(),
                    oneIn(50) ? range.toBuilder().setRevision(-1).build() : range);
        }
        if (chance < 96) {
            reached += random.nextInt(2);
            return new Call<>(KVGrpc.getTxnMethod(), txn(1, true));
        }
        if (chance < 100) {
            return new Call<>(
                    KVGrpc.getCompactMethod(),
                    CompactionRequest.newBuilder()
                            .setRevision(revision())
                            .setPhysical(random.nextBoolean())
                            .build());
        }
        return leaseCall(chance);
    }

    private Call<?, ?> leaseCall(int chance) {
        if (chance < 114) {
            return new Call<>(
                    LeaseGrpc.getLeaseGrantMethod(),
                    LeaseGrantRequest.newBuilder()
                            .setID(oneIn(10) ? 0 : lease())
                            .setTTL(oneIn(8) ? 9_000_000_001L : LEASE_SECONDS + random.nextInt(3))
                            .build());
        }
        if (chance < 117) {
            return new Call<>(
                    LeaseGrpc.getLeaseRevokeMethod(),
                    LeaseRevokeRequest.newBuilder().setID(lease()).build());
        }
        if (chance < 120) {
            return new Call<>(
                    LeaseGrpc.getLeaseKeepAliveMethod(),
                    LeaseKeepAliveRequest.newBuilder().setID(lease()).build());
        }
        if (chance < 127) {
            return new Call<>(
                    LeaseGrpc.getLeaseTimeToLiveMethod(),
                    LeaseTimeToLiveRequest.newBuilder()
                            .setID(lease())
                            .setKeys(random.nextBoolean())
                            .build());
        }
        return new Call<>(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
    }

    private PutRequest put() {
        boolean isValueKept = oneIn(8);
        boolean isLeaseKept = oneIn(8);
        PutRequest.Builder put = PutRequest.newBuilder()
                .setKey(key())
                .setPrevKv(random.nextBoolean())
                .setIgnoreValue(isValueKept)
                .setIgnoreLease(isLeaseKept);
        if (!isValueKept || oneIn(10)) {
            put.setValue(value());
        }
        if ((!isLeaseKept || oneIn(10)) && (hasLeases ? oneIn(3) : oneIn(20))) {
            put.setLease(lease());
        }
        return put.build();
    }

    private DeleteRangeRequest delete() {
        return DeleteRangeRequest.newBuilder()
                .setKey(key())
                .setRangeEnd(rangeEnd())
                .setPrevKv(random.nextBoolean())
                .build();
    }

    private RangeRequest range() {
        RangeRequest.Builder range = RangeRequest.newBuilder()
                .setKey(oneIn(3) ? ZERO : key())
                .setRangeEnd(rangeEnd())
                .setKeysOnly(oneIn(6))
                .setCountOnly(oneIn(8))
                .setSerializable(oneIn(4));
        if (oneIn(3)) {
            range.setRevision(revision());
        }
        if (oneIn(2)) {
            range.setLimit(oneIn(20) ? -1 : random.nextInt(5));
        }
        if (oneIn(2)) {
            range.setSortOrderValue(random.nextInt(3)).setSortTargetValue(random.nextInt(5));
        }
        if (oneIn(6)) {
            range.setMinModRevision(revision());
        }
        if (oneIn(6)) {
            range.setMaxModRevision(revision());
        }
        if (oneIn(6)) {
            range.setMinCreateRevision(revision());
        }
        if (oneIn(6)) {
            range.setMaxCreateRevision(revision());
        }
        return range.build();
    }

    /**
     * @param depth 1 for a call of its own
     * @param mayDelete whether deletes may be in it, at any depth
     */
    private TxnRequest txn(int depth, boolean mayDelete) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int left = random.nextInt(3); left > 0; left--) {
            txn.addCompare(compare());
        }
        txn.addAllSuccess(ops(depth, mayDelete));
        txn.addAllFailure(ops(depth, mayDelete));
        return txn.build();
    }

    private List<RequestOp> ops(int depth, boolean mayDelete) {
        List<RequestOp> ops = new ArrayList<>();
        boolean hasNested = false;
        for (int left = random.nextInt(4); left > 0; left--) {
            int chance = random.nextInt(100);
            RequestOp.Builder op = RequestOp.newBuilder();
            if (chance < 40) {
                op.setRequestPut(put());
            } else if (chance < 55 && mayDelete) {
                DeleteRangeRequest delete = delete();
                boolean hasNoEnd = delete.getRangeEnd().equals(ZERO);
                op.setRequestDeleteRange(
                        hasNoEnd ? delete.toBuilder().clearRangeEnd().build() : delete);
            } else if (chance < 80 || depth >= MAX_DEPTH) {
                op.setRequestRange(range());
            } else if (chance < 99) {
                op.setRequestTxn(txn(depth + 1, mayDelete && !hasNested));
                hasNested = true;
            }
            ops.add(op.build());
        }
        return ops;
    }

    /** Its union mostly fits its target (TX-4 is about those where it does not). */
    private Compare compare() {
        Compare.Builder compare = Compare.newBuilder()
                .setKey(key())
                .setResultValue(random.nextInt(4))
                .setTargetValue(random.nextInt(5));
        if (oneIn(3)) {
            compare.setRangeEnd(rangeEnd());
        }
        int union = oneIn(12) ? random.nextInt(6) : compare.getTargetValue();
        switch (union) {
            case Compare.CompareTarget.VERSION_VALUE -> compare.setVersion(random.nextInt(4));
            case Compare.CompareTarget.CREATE_VALUE -> compare.setCreateRevision(revisionOrNone());
            case Compare.CompareTarget.MOD_VALUE -> compare.setModRevision(revisionOrNone());
            case Compare.CompareTarget.VALUE_VALUE -> compare.setValue(value());
            case Compare.CompareTarget.LEASE_VALUE -> compare.setLease(oneIn(2) ? 0 : lease());
            default -> compare.clearTargetUnion();
        }
        return compare.build();
    }

    private ByteString key() {
        return oneIn(60) ? ByteString.EMPTY : KEYS.get(random.nextInt(KEYS.size()));
    }

    private ByteString rangeEnd() {
        return switch (random.nextInt(5)) {
            case 0, 1 -> ByteString.EMPTY;
            case 2 -> ZERO;
            default -> KEYS.get(random.nextInt(KEYS.size()));
        };
    }

    private ByteString value() {
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    private long lease() {
        return 1L + random.nextInt(LEASES);
    }

    private long revisionOrNone() {
        return oneIn(3) ? 0 : revision();
    }

    /** Mostly one that the store has; now and then one that is compacted or in the future. */
    private long revision() {
        return Revisions.START - 2 + random.nextLong(reached - Revisions.START + 5);
    }

    private boolean oneIn(int chances) {
        return random.nextInt(chances) == 0;
    }
}
