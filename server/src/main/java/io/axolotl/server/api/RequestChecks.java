package io.axolotl.server.api;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.storage.command.CommandCodec;
import java.util.List;

/**
 * What can be said of a request without looking at the store, in the order in which etcd says it: clients see the first
 * broken rule only.
 *
 * <p>Immutable.
 */
final class RequestChecks {
    private final int maxTxnOps;

    RequestChecks(int maxTxnOps) {
        this.maxTxnOps = maxTxnOps;
    }

    /** RG-1, RG-7, RG-11. */
    void check(RangeRequest request) throws RequestRefused {
        checkKey(request.getKey());
        if (request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
                || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
            throw new RequestRefused(EtcdError.INVALID_SORT_OPTION);
        }
    }

    /** PU-1. */
    void check(PutRequest request) throws RequestRefused {
        checkKey(request.getKey());
        if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
            throw new RequestRefused(EtcdError.VALUE_PROVIDED);
        }
        if (request.getIgnoreLease() && request.getLease() != 0) {
            throw new RequestRefused(EtcdError.LEASE_PROVIDED);
        }
    }

    /** DL-1. */
    void check(DeleteRangeRequest request) throws RequestRefused {
        checkKey(request.getKey());
    }

    /** TX-7, TX-8, then TX-9 for the whole tree. */
    void check(TxnRequest request) throws RequestRefused {
        checkShape(request, maxTxnOps, 1);
        KeyFootprint.check(request.getSuccessList());
        KeyFootprint.check(request.getFailureList());
    }

    /**
     * @param allowedOps what the levels above have left of the limit (TX-7)
     * @param depth 1 for the request itself; bounded, since this and all that follows recurses
     */
    private void checkShape(TxnRequest request, int allowedOps, int depth) throws RequestRefused {
        int ops = Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
        if (ops > allowedOps) {
            throw new RequestRefused(EtcdError.TOO_MANY_OPERATIONS);
        }
        if (depth > CommandCodec.MAX_DEPTH) {
            throw new RequestRefused(EtcdError.TOO_DEEP);
        }
        for (Compare compare : request.getCompareList()) {
            checkKey(compare.getKey());
            if (compare.getResult() == Compare.CompareResult.UNRECOGNIZED
                    || compare.getTarget() == Compare.CompareTarget.UNRECOGNIZED) {
                throw new RequestRefused(EtcdError.INVALID_COMPARE);
            }
        }
        checkOps(request.getSuccessList(), allowedOps - ops, depth);
        checkOps(request.getFailureList(), allowedOps - ops, depth);
    }

    /** TX-8: each as its own request would be checked. */
    private void checkOps(List<RequestOp> ops, int allowedOps, int depth) throws RequestRefused {
        for (RequestOp op : ops) {
            switch (op.getRequestCase()) {
                case REQUEST_RANGE -> check(op.getRequestRange());
                case REQUEST_PUT -> check(op.getRequestPut());
                case REQUEST_DELETE_RANGE -> check(op.getRequestDeleteRange());
                case REQUEST_TXN -> checkShape(op.getRequestTxn(), allowedOps, depth + 1);
                case REQUEST_NOT_SET -> throw new RequestRefused(EtcdError.KEY_NOT_FOUND);
            }
        }
    }

    private static void checkKey(ByteString key) throws RequestRefused {
        if (key.isEmpty()) {
            throw new RequestRefused(EtcdError.EMPTY_KEY);
        }
    }
}
