package io.axolotl.server.api;

import io.axolotl.client.proto.CompactionResponse;
import io.axolotl.client.proto.DeleteRangeResponse;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.Member;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.ResponseHeader;
import io.axolotl.client.proto.ResponseOp;
import io.axolotl.client.proto.TxnResponse;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.statemachine.MemberAttributes;

/**
 * Turns results into responses. Keys and values are wrapped, not copied.
 */
final class Responses {
    private Responses() {}

    static RangeResponse range(ResponseHeader header, RangeAnswer.Found found) {
        RangeResponse.Builder response = RangeResponse.newBuilder()
                .setHeader(header)
                .setMore(found.more())
                .setCount(found.count());
        addAll(response, found);
        return response.build();
    }

    /** Keys and values alone, as the pieces of a streamed range but the last carry them (G-6). */
    static RangeResponse piece(RangeAnswer.Found found) {
        RangeResponse.Builder response = RangeResponse.newBuilder();
        addAll(response, found);
        return response.build();
    }

    static PutResponse put(ResponseHeader header, CommandResult.Put result) {
        PutResponse.Builder response = PutResponse.newBuilder().setHeader(header);
        if (result.previous() != null) {
            response.setPrevKv(keyValue(result.previous()));
        }
        return response.build();
    }

    static DeleteRangeResponse deleteRange(ResponseHeader header, CommandResult.DeleteRange result) {
        DeleteRangeResponse.Builder response =
                DeleteRangeResponse.newBuilder().setHeader(header).setDeleted(result.deleted());
        for (io.axolotl.storage.mvcc.KeyValue previous : result.previous()) {
            response.addPrevKvs(keyValue(previous));
        }
        return response.build();
    }

    static TxnResponse txn(ResponseHeader header, CommandResult.Txn result) {
        TxnResponse.Builder response =
                TxnResponse.newBuilder().setHeader(header).setSucceeded(result.succeeded());
        for (CommandResult.OpResult op : result.responses()) {
            response.addResponses(op(op));
        }
        return response.build();
    }

    static CompactionResponse compaction(ResponseHeader header) {
        return CompactionResponse.newBuilder().setHeader(header).build();
    }

    static Member member(MemberAttributes member) {
        return Member.newBuilder()
                .setID(member.id())
                .setName(member.name())
                .addAllPeerURLs(member.peerUrls())
                .addAllClientURLs(member.clientUrls())
                .setIsLearner(member.isLearner())
                .build();
    }

    /** HD-4: inner headers are present and carry the revision alone; that of a nested transaction is empty. */
    private static ResponseOp op(CommandResult.OpResult result) {
        ResponseOp.Builder op = ResponseOp.newBuilder();
        if (result instanceof CommandResult.Range range) {
            op.setResponseRange(range(inner(range.answer().revision()), range.answer()));
        } else if (result instanceof CommandResult.Put put) {
            op.setResponsePut(put(inner(put.revision()), put));
        } else if (result instanceof CommandResult.DeleteRange delete) {
            op.setResponseDeleteRange(deleteRange(inner(delete.revision()), delete));
        } else if (result instanceof CommandResult.Txn txn) {
            op.setResponseTxn(txn(ResponseHeader.getDefaultInstance(), txn));
        } else {
            throw new AssertionError("no response is known for " + result.getClass());
        }
        return op.build();
    }

    private static ResponseHeader inner(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    private static void addAll(RangeResponse.Builder response, RangeAnswer.Found found) {
        for (io.axolotl.storage.mvcc.KeyValue kv : found.kvs()) {
            response.addKvs(keyValue(kv));
        }
    }

    static KeyValue keyValue(io.axolotl.storage.mvcc.KeyValue kv) {
        return KeyValue.newBuilder()
                .setKey(ByteArrays.wrap(kv.key()))
                .setCreateRevision(kv.createRevision())
                .setModRevision(kv.modRevision())
                .setVersion(kv.version())
                .setValue(ByteArrays.wrap(kv.value()))
                .setLease(kv.lease())
                .build();
    }
}
