package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;

/** TX-9 against an oracle that walks every path of the transaction key by key. */
class KeyFootprintProperties {
    /** All keys of the small world are one byte from 1 to this. */
    private static final int KEYS = 12;

    @Property(tries = 2000)
    @Label("TX-9: refused exactly when some path puts a key twice or puts and deletes it")
    void agreesWithTheWalkOverAllPaths(@ForAll long seed) {
        List<RequestOp> ops = ops(new Random(seed), 3);
        boolean isAccepted = true;
        try {
            KeyFootprint.check(ops);
        } catch (RequestRefused refused) {
            assertThat(refused.error()).isEqualTo(EtcdError.DUPLICATE_KEY);
            isAccepted = false;
        }
        assertThat(isAccepted).as(ops.toString()).isEqualTo(paths(ops).stream().allMatch(Path::isClean));
    }

    private static List<RequestOp> ops(Random random, int depth) {
        List<RequestOp> ops = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int kind = random.nextInt(depth > 0 ? 4 : 3);
            if (kind < 2) {
                ops.add(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder().setKey(key(1 + random.nextInt(KEYS))))
                        .build());
            } else if (kind == 2) {
                ops.add(RequestOp.newBuilder()
                        .setRequestDeleteRange(delete(random))
                        .build());
            } else {
                ops.add(RequestOp.newBuilder()
                        .setRequestTxn(TxnRequest.newBuilder()
                                .addAllSuccess(ops(random, depth - 1))
                                .addAllFailure(ops(random, depth - 1)))
                        .build());
            }
        }
        return ops;
    }

    private static DeleteRangeRequest delete(Random random) {
        DeleteRangeRequest.Builder delete = DeleteRangeRequest.newBuilder().setKey(key(1 + random.nextInt(KEYS)));
        switch (random.nextInt(8)) {
            case 0 -> delete.setRangeEnd(ByteString.copyFrom(new byte[1]));
            case 1, 2, 3 -> delete.setRangeEnd(key(1 + random.nextInt(KEYS)));
            default -> {
                // A single key.
            }
        }
        return delete.build();
    }

    private static ByteString key(int number) {
        return ByteString.copyFrom(new byte[] {(byte) number});
    }

    /** One way through the branches. */
    private record Path(List<Integer> puts, Set<Integer> deletes) {
        boolean isClean() {
            return new HashSet<>(puts).size() == puts.size() && puts.stream().noneMatch(deletes::contains);
        }

        Path then(Path next) {
            List<Integer> allPuts = new ArrayList<>(puts);
            allPuts.addAll(next.puts);
            Set<Integer> allDeletes = new HashSet<>(deletes);
            allDeletes.addAll(next.deletes);
            return new Path(allPuts, allDeletes);
        }
    }

    private static List<Path> paths(List<RequestOp> ops) {
        List<Path> paths = List.of(new Path(List.of(), Set.of()));
        for (RequestOp op : ops) {
            List<Path> longer = new ArrayList<>();
            for (Path path : paths) {
                for (Path step : steps(op)) {
                    longer.add(path.then(step));
                }
            }
            paths = longer;
        }
        return paths;
    }

    private static List<Path> steps(RequestOp op) {
        if (op.hasRequestPut()) {
            return List.of(new Path(List.of((int) op.getRequestPut().getKey().byteAt(0)), Set.of()));
        }
        if (op.hasRequestDeleteRange()) {
            Set<Integer> deleted = new HashSet<>();
            int start = op.getRequestDeleteRange().getKey().byteAt(0);
            ByteString end = op.getRequestDeleteRange().getRangeEnd();
            int last = end.isEmpty() ? start : end.byteAt(0) == 0 ? KEYS : end.byteAt(0) - 1;
            for (int key = start; key <= last; key++) {
                deleted.add(key);
            }
            return List.of(new Path(List.of(), deleted));
        }
        List<Path> both = new ArrayList<>(paths(op.getRequestTxn().getSuccessList()));
        both.addAll(paths(op.getRequestTxn().getFailureList()));
        return both;
    }
}
