package io.axolotl.jepsen.differential;

import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.WatchCreateRequest;
import java.util.stream.Stream;

/** What the steps of a run are counted as, so that its report shows what it was a comparison of. */
final class Kinds {
    private Kinds() {}

    /** Begins with the step's {@link Step#name}. */
    static String of(Step step) {
        return step.name() + detail(step);
    }

    private static String detail(Step step) {
        if (step instanceof OpenWatch watch) {
            return detail(watch.request());
        }
        if (!(step instanceof Call<?, ?> call)) {
            return "";
        }
        if (call.request() instanceof RangeRequest range) {
            return range.getRevision() > 0 ? " of the past" : "";
        }
        if (call.request() instanceof PutRequest put) {
            return put.getLease() != 0 ? " with a lease" : "";
        }
        if (call.request() instanceof DeleteRangeRequest delete) {
            return delete.getRangeEnd().isEmpty() ? "" : " of several keys";
        }
        return call.request() instanceof TxnRequest txn && isNested(txn) ? ", nested" : "";
    }

    private static String detail(WatchCreateRequest watch) {
        String from = watch.getStartRevision() == 0 ? " from now on" : " from a revision";
        return watch.getFiltersCount() == 0 ? from : from + ", filtered";
    }

    private static boolean isNested(TxnRequest txn) {
        return Stream.concat(txn.getSuccessList().stream(), txn.getFailureList().stream())
                .anyMatch(op -> op.hasRequestTxn());
    }
}
