package io.axolotl.server.api;

import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.mvcc.RangeQuery;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns checked requests into commands and queries. Keys and values are handed over, not copied.
 */
final class Requests {
    private Requests() {}

    static RangeQuery query(RangeRequest request) {
        return new RangeQuery(
                ByteArrays.unwrap(request.getKey()),
                ByteArrays.unwrap(request.getRangeEnd()),
                request.getLimit(),
                request.getRevision(),
                sortOrder(request),
                sortTarget(request),
                request.getKeysOnly(),
                request.getCountOnly(),
                request.getMinModRevision(),
                request.getMaxModRevision(),
                request.getMinCreateRevision(),
                request.getMaxCreateRevision());
    }

    static Command.Put command(PutRequest request) {
        return new Command.Put(
                ByteArrays.unwrap(request.getKey()),
                ByteArrays.unwrap(request.getValue()),
                request.getLease(),
                request.getPrevKv(),
                request.getIgnoreValue(),
                request.getIgnoreLease());
    }

    static Command.DeleteRange command(DeleteRangeRequest request) {
        return new Command.DeleteRange(
                ByteArrays.unwrap(request.getKey()), ByteArrays.unwrap(request.getRangeEnd()), request.getPrevKv());
    }

    static Command.Txn command(TxnRequest request) {
        List<Command.Compare> compares = new ArrayList<>(request.getCompareCount());
        for (Compare compare : request.getCompareList()) {
            compares.add(compare(compare));
        }
        return new Command.Txn(compares, ops(request.getSuccessList()), ops(request.getFailureList()));
    }

    static Command.Compact command(CompactionRequest request) {
        return new Command.Compact(request.getRevision(), request.getPhysical());
    }

    private static List<Command.Op> ops(List<RequestOp> requests) {
        List<Command.Op> ops = new ArrayList<>(requests.size());
        for (RequestOp request : requests) {
            ops.add(
                    switch (request.getRequestCase()) {
                        case REQUEST_RANGE -> new Command.Range(query(request.getRequestRange()));
                        case REQUEST_PUT -> command(request.getRequestPut());
                        case REQUEST_DELETE_RANGE -> command(request.getRequestDeleteRange());
                        case REQUEST_TXN -> command(request.getRequestTxn());
                        case REQUEST_NOT_SET -> throw notChecked();
                    });
        }
        return ops;
    }

    /** TX-4: a value of another kind than the target counts as not given, which is zero or empty. */
    private static Command.Compare compare(Compare compare) {
        long number = 0;
        byte[] value = ByteArrays.EMPTY;
        Command.Target target = switch (compare.getTarget()) {
            case VERSION -> {
                number = compare.getVersion();
                yield Command.Target.VERSION;
            }
            case CREATE -> {
                number = compare.getCreateRevision();
                yield Command.Target.CREATE;
            }
            case MOD -> {
                number = compare.getModRevision();
                yield Command.Target.MOD;
            }
            case VALUE -> {
                value = ByteArrays.unwrap(compare.getValue());
                yield Command.Target.VALUE;
            }
            case LEASE -> {
                number = compare.getLease();
                yield Command.Target.LEASE;
            }
            case UNRECOGNIZED -> throw notChecked();
        };
        Command.Operator operator = switch (compare.getResult()) {
            case EQUAL -> Command.Operator.EQUAL;
            case GREATER -> Command.Operator.GREATER;
            case LESS -> Command.Operator.LESS;
            case NOT_EQUAL -> Command.Operator.NOT_EQUAL;
            case UNRECOGNIZED -> throw notChecked();
        };
        return new Command.Compare(
                ByteArrays.unwrap(compare.getKey()),
                ByteArrays.unwrap(compare.getRangeEnd()),
                operator,
                target,
                number,
                value);
    }

    private static RangeQuery.SortOrder sortOrder(RangeRequest request) {
        return switch (request.getSortOrder()) {
            case NONE -> RangeQuery.SortOrder.NONE;
            case ASCEND -> RangeQuery.SortOrder.ASCEND;
            case DESCEND -> RangeQuery.SortOrder.DESCEND;
            case UNRECOGNIZED -> throw notChecked();
        };
    }

    private static RangeQuery.SortTarget sortTarget(RangeRequest request) {
        return switch (request.getSortTarget()) {
            case KEY -> RangeQuery.SortTarget.KEY;
            case VERSION -> RangeQuery.SortTarget.VERSION;
            case CREATE -> RangeQuery.SortTarget.CREATE;
            case MOD -> RangeQuery.SortTarget.MOD;
            case VALUE -> RangeQuery.SortTarget.VALUE;
            case UNRECOGNIZED -> throw notChecked();
        };
    }

    private static AssertionError notChecked() {
        return new AssertionError("a request reached translation without having been checked");
    }
}
