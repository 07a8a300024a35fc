package io.axolotl.client;

import io.axolotl.client.proto.AlarmResponse;
import io.axolotl.client.proto.AuthRoleGetResponse;
import io.axolotl.client.proto.CompactionRequest;
import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.DeleteRangeRequest;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.HashKVResponse;
import io.axolotl.client.proto.MemberAddResponse;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.RequestOp;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.ResponseOp;
import io.axolotl.client.proto.StatusResponse;
import io.axolotl.client.proto.TxnRequest;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.client.proto.WatchResponse;
import java.util.List;
import java.util.Optional;

/**
 * Typed values to and from the generated messages. Enums go by name: ours have the names of the wire. No state.
 */
final class Wire {
    private Wire() {}

    static PutRequest put(Bytes key, Bytes value, PutOptions options) {
        return PutRequest.newBuilder()
                .setKey(key.unwrap())
                .setValue(value.unwrap())
                .setLease(options.lease())
                .setPrevKv(options.previous())
                .setIgnoreValue(options.keepValue())
                .setIgnoreLease(options.keepLease())
                .build();
    }

    static RangeRequest range(KeyRange range, GetOptions options) {
        GetOptions.Filter filter = options.filter();
        return RangeRequest.newBuilder()
                .setKey(range.key().unwrap())
                .setRangeEnd(range.end().unwrap())
                .setLimit(options.limit())
                .setRevision(options.revision())
                .setSortTarget(RangeRequest.SortTarget.valueOf(options.target().name()))
                .setSortOrder(RangeRequest.SortOrder.valueOf(options.order().name()))
                .setSerializable(options.serializable())
                .setKeysOnly(options.keysOnly())
                .setCountOnly(options.countOnly())
                .setMinModRevision(filter.minModRevision())
                .setMaxModRevision(filter.maxModRevision())
                .setMinCreateRevision(filter.minCreateRevision())
                .setMaxCreateRevision(filter.maxCreateRevision())
                .build();
    }

    static DeleteRangeRequest delete(KeyRange range, DeleteOptions options) {
        return DeleteRangeRequest.newBuilder()
                .setKey(range.key().unwrap())
                .setRangeEnd(range.end().unwrap())
                .setPrevKv(options.previous())
                .build();
    }

    static TxnRequest txn(Op.Nested txn) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        txn.compares().forEach(compare -> request.addCompare(compare(compare)));
        txn.then().forEach(op -> request.addSuccess(op(op)));
        txn.otherwise().forEach(op -> request.addFailure(op(op)));
        return request.build();
    }

    static CompactionRequest compact(long revision, boolean physical) {
        return CompactionRequest.newBuilder()
                .setRevision(revision)
                .setPhysical(physical)
                .build();
    }

    private static RequestOp op(Op op) {
        RequestOp.Builder request = RequestOp.newBuilder();
        if (op instanceof Op.Put put) {
            request.setRequestPut(put(put.key(), put.value(), put.options()));
        } else if (op instanceof Op.Get get) {
            request.setRequestRange(range(get.range(), get.options()));
        } else if (op instanceof Op.Delete delete) {
            request.setRequestDeleteRange(delete(delete.range(), delete.options()));
        } else if (op instanceof Op.Nested nested) {
            request.setRequestTxn(txn(nested));
        } else {
            throw new AssertionError("no wire form for " + op);
        }
        return request.build();
    }

    private static io.axolotl.client.proto.Compare compare(Compare compare) {
        io.axolotl.client.proto.Compare.Builder request = io.axolotl.client.proto.Compare.newBuilder()
                .setKey(compare.range().key().unwrap())
                .setRangeEnd(compare.range().end().unwrap())
                .setResult(io.axolotl.client.proto.Compare.CompareResult.valueOf(
                        compare.relation().name()))
                .setTarget(io.axolotl.client.proto.Compare.CompareTarget.valueOf(
                        compare.target().name()));
        switch (compare.target()) {
            case VERSION -> request.setVersion(compare.number());
            case CREATE -> request.setCreateRevision(compare.number());
            case MOD -> request.setModRevision(compare.number());
            case LEASE -> request.setLease(compare.number());
            case VALUE -> request.setValue(compare.value().unwrap());
        }
        return request.build();
    }

    static Header header(ResponseHeader header) {
        return new Header(header.getClusterId(), header.getMemberId(), header.getRevision(), header.getRaftTerm());
    }

    static PutResult put(PutResponse response) {
        return new PutResult(
                header(response.getHeader()),
                response.hasPrevKv() ? Optional.of(keyValue(response.getPrevKv())) : Optional.empty());
    }

    static GetResult range(RangeResponse response) {
        return new GetResult(
                header(response.getHeader()),
                keyValues(response.getKvsList()),
                response.getMore(),
                response.getCount());
    }

    static DeleteResult delete(DeleteRangeResponse response) {
        return new DeleteResult(
                header(response.getHeader()), response.getDeleted(), keyValues(response.getPrevKvsList()));
    }

    static TxnResult txn(TxnResponse response) {
        List<OpResult> results =
                response.getResponsesList().stream().map(Wire::result).toList();
        return new TxnResult(header(response.getHeader()), response.getSucceeded(), results);
    }

    static CompactResult compact(CompactionResponse response) {
        return new CompactResult(header(response.getHeader()));
    }

    static StatusResult status(StatusResponse response) {
        return new StatusResult(
                header(response.getHeader()),
                response.getVersion(),
                response.getDbSize(),
                response.getDbSizeInUse(),
                response.getDbSizeQuota(),
                response.getStorageVersion(),
                response.getLeader(),
                response.getRaftTerm(),
                response.getRaftIndex(),
                response.getRaftAppliedIndex(),
                response.getIsLearner(),
                response.getErrorsList());
    }

    static AlarmsResult alarms(AlarmResponse response) {
        return new AlarmsResult(
                header(response.getHeader()),
                response.getAlarmsList().stream()
                        .map(alarm -> new Alarm(
                                alarm.getMemberID(),
                                switch (alarm.getAlarm()) {
                                    case NOSPACE -> Alarm.Kind.NOSPACE;
                                    case CORRUPT -> Alarm.Kind.CORRUPT;
                                    case NONE, UNRECOGNIZED -> Alarm.Kind.UNRECOGNIZED;
                                }))
                        .toList());
    }

    static io.axolotl.client.proto.Permission permission(Permission permission) {
        return io.axolotl.client.proto.Permission.newBuilder()
                .setPermType(io.axolotl.client.proto.Permission.Type.valueOf(
                        permission.type().name()))
                .setKey(permission.range().key().unwrap())
                .setRangeEnd(permission.range().end().unwrap())
                .build();
    }

    static RoleResult role(AuthRoleGetResponse response) {
        return new RoleResult(
                header(response.getHeader()),
                response.getPermList().stream()
                        .map(permission -> new Permission(
                                Permission.Type.valueOf(permission.getPermType().name()),
                                new KeyRange(Bytes.wrap(permission.getKey()), Bytes.wrap(permission.getRangeEnd()))))
                        .toList());
    }

    static HashKvResult hashKv(HashKVResponse response) {
        return new HashKvResult(
                header(response.getHeader()),
                Integer.toUnsignedLong(response.getHash()),
                response.getCompactRevision(),
                response.getHashRevision());
    }

    static MembersResult members(ResponseHeader header, List<io.axolotl.client.proto.Member> members) {
        return new MembersResult(
                header(header), members.stream().map(Wire::member).toList());
    }

    static MemberAddResult memberAdd(MemberAddResponse response) {
        return new MemberAddResult(
                header(response.getHeader()),
                member(response.getMember()),
                response.getMembersList().stream().map(Wire::member).toList());
    }

    private static Member member(io.axolotl.client.proto.Member member) {
        return new Member(
                member.getID(),
                member.getName(),
                member.getPeerURLsList(),
                member.getClientURLsList(),
                member.getIsLearner());
    }

    private static OpResult result(ResponseOp response) {
        return switch (response.getResponseCase()) {
            case RESPONSE_RANGE -> range(response.getResponseRange());
            case RESPONSE_PUT -> put(response.getResponsePut());
            case RESPONSE_DELETE_RANGE -> delete(response.getResponseDeleteRange());
            case RESPONSE_TXN -> txn(response.getResponseTxn());
            case RESPONSE_NOT_SET ->
                throw new IllegalArgumentException("an operation of the transaction has no result");
        };
    }

    /** @param events those of the response, or of all its pieces */
    static WatchResult watch(WatchResponse response, List<Event> events) {
        return new WatchResult(
                header(response.getHeader()),
                events.stream().map(Wire::event).toList(),
                response.getCanceled(),
                response.getCompactRevision(),
                response.getCancelReason());
    }

    private static WatchEvent event(Event event) {
        return new WatchEvent(
                event.getType() == Event.EventType.DELETE,
                keyValue(event.getKv()),
                event.hasPrevKv() ? Optional.of(keyValue(event.getPrevKv())) : Optional.empty());
    }

    private static List<KeyValue> keyValues(List<io.axolotl.client.proto.KeyValue> kvs) {
        return kvs.stream().map(Wire::keyValue).toList();
    }

    static KeyValue keyValue(io.axolotl.client.proto.KeyValue kv) {
        return new KeyValue(
                Bytes.wrap(kv.getKey()),
                kv.getCreateRevision(),
                kv.getModRevision(),
                kv.getVersion(),
                Bytes.wrap(kv.getValue()),
                kv.getLease());
    }
}
