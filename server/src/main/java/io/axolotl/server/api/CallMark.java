package io.axolotl.server.api;

import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.CommandResult;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Metadata {@code axolotl-once: SESSION.SLOT.SEQUENCE} on what changes keys says which call of a session it is; the session
 * in hexadecimal, the others in decimal digits. The same name in the trailers of a call that fails says what its session
 * knows of it:
 *
 * <ul>
 *   <li>{@code settled}: the call came to this refusal, and no other attempt of it has changed anything, or will;
 *   <li>{@code applied REVISION}: it was applied at that revision, and its answer is gone;
 *   <li>{@code no-session}: this attempt was not applied; the session is not known any more, or is not the caller's;
 *   <li>{@code passed}: this attempt was not applied; a later call has used the slot;
 *   <li>{@code differs}: this attempt was not applied, nor was any other of this call; the number was used for another one;
 *   <li>{@code full}: this attempt was not applied; there are too many sessions.
 * </ul>
 *
 * A range, a transaction that only reads, and a compaction take no notice of it: they change no keys. A failure without it says
 * nothing of other attempts. etcd's messages have no place for any of this, and clients that do not know of it are not bothered.
 *
 * <p>Safe for all threads.
 */
final class CallMark implements ServerInterceptor {
    static final Metadata.Key<String> ONCE = Metadata.Key.of("axolotl-once", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<CallId> CURRENT = Context.key("axolotl-once");
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{1,16})\\.([0-9]{1,4})\\.([0-9]{1,18})");

    /** Of the call that is being handled on this thread, if it has one. */
    static @Nullable CallId current() {
        return CURRENT.get();
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String text = headers.get(ONCE);
        if (text == null) {
            return next.startCall(call, headers);
        }
        CallId id = parse(text);
        if (id == null) {
            call.close(
                    Status.INVALID_ARGUMENT.withDescription("etcdserver: axolotl-once is not SESSION.SLOT.SEQUENCE: the"
                            + " session in hexadecimal, a slot below " + CallId.MAX_SLOTS + ", a number from 1 on"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(Context.current().withValue(CURRENT, id), call, headers, next);
    }

    private static @Nullable CallId parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return null;
        }
        long session = Long.parseUnsignedLong(form.group(1), 16);
        int slot = Integer.parseInt(form.group(2));
        long sequence = Long.parseLong(form.group(3));
        return session == 0 || slot >= CallId.MAX_SLOTS || sequence == 0 ? null : new CallId(session, slot, sequence);
    }

    /** How a call ends that was refused where it was applied. */
    static StatusRuntimeException exceptionOf(CommandResult.Refused refused) {
        EtcdError error = EtcdError.of(refused.why());
        return switch (refused.why()) {
            case SESSION_UNKNOWN -> marked(error.status(), "no-session");
            case CALL_PASSED -> marked(error.status(), "passed");
            case CALL_DIFFERS -> marked(error.status(), "differs");
            case TOO_MANY_SESSIONS -> marked(error.status(), "full");
            default -> refused.isSettled() ? marked(error.status(), "settled") : error.exception();
        };
    }

    /** How a repeat ends whose answer is gone. */
    static StatusRuntimeException exceptionOf(CommandResult.AnswerNotKept applied) {
        return marked(
                Status.UNKNOWN.withDescription("etcdserver: the call was applied before, at revision "
                        + applied.revision() + "; its answer was too large to be kept"),
                "applied " + applied.revision());
    }

    private static StatusRuntimeException marked(Status status, String mark) {
        Metadata trailers = new Metadata();
        trailers.put(ONCE, mark);
        return status.asRuntimeException(trailers);
    }
}
