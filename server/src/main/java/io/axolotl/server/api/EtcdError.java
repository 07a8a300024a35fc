package io.axolotl.server.api;

import io.axolotl.server.auth.Passwords;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.mvcc.Refusal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Every way in which a call can end badly, with the code and the text that etcd's clients compare (contract C.1). The
 * only place where outcomes become gRPC statuses.
 *
 * <p>Codes are those of the Go library's constants. For {@link #TOO_MANY_REQUESTS} and {@link
 * #NOT_ENOUGH_STARTED_MEMBERS} etcd itself sends Unknown by accident (contract C.1, note 1); clients compare the text.
 *
 * <p>{@code UNAVAILABLE} on a write says that its outcome is unknown, so {@link #ofUnknown} answers nothing else. The
 * exceptions are shared and carry no useful stack: an overloaded server must be able to refuse cheaply.
 *
 * <p>Immutable: a status is, and the stack of an exception that is never thrown here does not change.
 */
@SuppressWarnings("ImmutableEnumChecker")
public enum EtcdError {
    EMPTY_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
    KEY_NOT_FOUND(Status.Code.INVALID_ARGUMENT, "etcdserver: key not found"),
    VALUE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
    LEASE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
    TOO_MANY_OPERATIONS(Status.Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
    /** Ours: etcd has no bound but the number of operations. */
    TOO_DEEP(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: transactions lie more than " + CommandCodec.MAX_DEPTH + " deep inside each other"),
    DUPLICATE_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
    INVALID_SORT_OPTION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"),
    /** etcd lets an unknown comparison pass as true; refusing it is the safer reading of a request we do not understand. */
    INVALID_COMPARE(Status.Code.INVALID_ARGUMENT, "etcdserver: unknown compare result or target"),
    REQUEST_TOO_LARGE(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
    COMPACTED(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
    FUTURE_REVISION(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
    NO_SPACE(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
    CORRUPT(Status.Code.DATA_LOSS, "etcdserver: corrupt cluster"),
    LEASE_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: requested lease not found"),
    LEASE_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
    LEASE_TTL_TOO_LARGE(Status.Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
    MEMBER_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: member not found"),
    MEMBER_ID_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: member ID already exist"),
    PEER_URL_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: Peer URLs already exists"),
    BAD_MEMBER_URLS(Status.Code.INVALID_ARGUMENT, "etcdserver: given member URLs are invalid"),
    NOT_ENOUGH_STARTED_MEMBERS(
            Status.Code.FAILED_PRECONDITION, "etcdserver: re-configuration failed due to not enough started members"),
    UNHEALTHY_CLUSTER(Status.Code.UNAVAILABLE, "etcdserver: unhealthy cluster"),
    TOO_MANY_LEARNERS(Status.Code.FAILED_PRECONDITION, "etcdserver: too many learner members in cluster"),
    MEMBER_NOT_LEARNER(Status.Code.FAILED_PRECONDITION, "etcdserver: can only promote a learner member"),
    LEARNER_NOT_READY(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: can only promote a learner member which is in sync with leader"),
    NOT_FOR_LEARNER(Status.Code.FAILED_PRECONDITION, "etcdserver: rpc not supported for learner"),
    STORE_REPLACED(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: the member is known with another data folder; remove it and add it again"),
    TOO_MANY_REQUESTS(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests"),
    /** Ours: etcd has no bound but the memory of the machine. */
    ANSWER_TOO_LARGE(
            Status.Code.RESOURCE_EXHAUSTED,
            "etcdserver: the answer is larger than this server can hold; set a limit, or use RangeStream"),
    TOO_MANY_ANSWERS(
            Status.Code.RESOURCE_EXHAUSTED,
            "etcdserver: too many bytes of answers wait to be sent; try again, set a limit, or use RangeStream"),
    NO_LEADER(Status.Code.UNAVAILABLE, "etcdserver: no leader"),
    NOT_LEADER(Status.Code.FAILED_PRECONDITION, "etcdserver: not leader"),
    LEADER_CHANGED(Status.Code.UNAVAILABLE, "etcdserver: leader changed"),
    BAD_TRANSFEREE(Status.Code.FAILED_PRECONDITION, "etcdserver: bad leader transferee"),
    STOPPED(Status.Code.UNAVAILABLE, "etcdserver: server stopped"),
    TIMEOUT(Status.Code.UNAVAILABLE, "etcdserver: request timed out"),
    TIMEOUT_LEADER_FAILED(
            Status.Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to previous leader failure"),
    TIMEOUT_CONNECTION_LOST(Status.Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to connection lost"),
    TRANSFER_TOO_LONG(Status.Code.UNKNOWN, "etcdserver: request timed out, leader transfer took too long"),
    /** Ours: etcd stops when its disk is full. */
    DISK_FULL(
            Status.Code.RESOURCE_EXHAUSTED,
            "etcdserver: no space left: the disk of this member is full; deletes and compaction are taken, and other members"
                    + " may have room"),
    /** Ours: etcd serves on; its corruption check stops the process or raises an alarm. */
    QUARANTINED(
            Status.Code.UNAVAILABLE,
            "etcdserver: it is in doubt whether this member holds what the others hold; ask another member"),
    /** Ours: etcd keeps everything that a client does not take. Clients watch again from where they are. */
    WATCH_TOO_SLOW(
            Status.Code.UNAVAILABLE,
            "etcdserver: too many bytes of watches wait to be sent, and this stream holds most of them; watch again from the"
                    + " last revision seen"),
    UNKNOWN_METHOD(Status.Code.UNKNOWN, "etcdserver: unknown method"),
    WRONG_DOWNGRADE_VERSION_FORMAT(Status.Code.INVALID_ARGUMENT, "etcdserver: wrong downgrade target version format"),
    INVALID_DOWNGRADE_TARGET_VERSION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid downgrade target version"),
    STREAM_NEEDS_KEY_ORDER(
            Status.Code.UNIMPLEMENTED, "etcdserver: a streamed range is in key order and without revision filters"),
    ROOT_USER_MISSING(Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not exist"),
    ROOT_ROLE_MISSING(Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not have root role"),
    USER_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: user name already exists"),
    USER_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: user name is empty"),
    USER_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: user name not found"),
    ROLE_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: role name already exists"),
    ROLE_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: role name not found"),
    ROLE_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: role name is empty"),
    AUTHENTICATION_FAILED(
            Status.Code.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password"),
    NO_PASSWORD_USER(Status.Code.UNKNOWN, "auth: authentication failed, password was given for no password user"),
    PERMISSION_NOT_GIVEN(Status.Code.INVALID_ARGUMENT, "etcdserver: permission not given"),
    PERMISSION_DENIED(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied"),
    ROLE_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: role is not granted to the user"),
    PERMISSION_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: permission is not granted to the role"),
    AUTH_NOT_ENABLED(Status.Code.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),
    INVALID_AUTH_TOKEN(Status.Code.UNAUTHENTICATED, "etcdserver: invalid auth token"),
    INVALID_AUTH_MANAGEMENT(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
    AUTH_OLD_REVISION(Status.Code.INVALID_ARGUMENT, "etcdserver: revision of auth store is old"),
    /** Ours: etcd cuts a longer password off, or fails without saying why. */
    PASSWORD_TOO_LONG(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: the password has more than " + Passwords.MAX_BYTES
                    + " bytes, of which bcrypt takes no notice"),
    /** Ours, as all that is said of sessions. */
    SESSION_UNKNOWN(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: the session has ended or never was, or is somebody else's; open another"),
    SESSION_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: session already exists"),
    CALL_PASSED(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: a later call has used this slot of the session, and what came of this one is forgotten"),
    CALL_DIFFERS(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: this number of the session was used for another call; every call needs its own"),
    TOO_MANY_SESSIONS(
            Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many sessions, and all have been used lately; try later");

    private final Status status;
    private final StatusRuntimeException exception;

    EtcdError(Status.Code code, String text) {
        this.status = code.toStatus().withDescription(text);
        this.exception = status.asRuntimeException();
    }

    public Status status() {
        return status;
    }

    public String text() {
        String text = status.getDescription();
        assert text != null;
        return text;
    }

    /** For {@code StreamObserver.onError}; one object for all calls. */
    StatusRuntimeException exception() {
        return exception;
    }

    /** What the state machine refused when the command was applied or the read was made; nothing was changed. */
    public static EtcdError of(Refusal refusal) {
        return switch (refusal) {
            case COMPACTED -> COMPACTED;
            case FUTURE_REVISION -> FUTURE_REVISION;
            case KEY_NOT_FOUND -> KEY_NOT_FOUND;
            case LEASE_NOT_FOUND -> LEASE_NOT_FOUND;
            case NO_SPACE -> NO_SPACE;
            case CORRUPT -> CORRUPT;
            case MEMBER_NOT_FOUND -> MEMBER_NOT_FOUND;
            case MEMBER_ID_EXISTS -> MEMBER_ID_EXISTS;
            case PEER_URL_EXISTS -> PEER_URL_EXISTS;
            case TOO_MANY_LEARNERS -> TOO_MANY_LEARNERS;
            case MEMBER_NOT_LEARNER -> MEMBER_NOT_LEARNER;
            case NOT_ENOUGH_STARTED_MEMBERS -> NOT_ENOUGH_STARTED_MEMBERS;
            case STORE_REPLACED -> STORE_REPLACED;
            case LEASE_EXISTS -> LEASE_EXISTS;
            case LEADER_REPLACED -> LEADER_CHANGED;
            case USER_EMPTY -> USER_EMPTY;
            case USER_EXISTS -> USER_EXISTS;
            case USER_NOT_FOUND -> USER_NOT_FOUND;
            case ROLE_EMPTY -> ROLE_EMPTY;
            case ROLE_EXISTS -> ROLE_EXISTS;
            case ROLE_NOT_FOUND -> ROLE_NOT_FOUND;
            case ROLE_NOT_GRANTED -> ROLE_NOT_GRANTED;
            case PERMISSION_NOT_GRANTED -> PERMISSION_NOT_GRANTED;
            case INVALID_AUTH_MANAGEMENT -> INVALID_AUTH_MANAGEMENT;
            case ROOT_USER_MISSING -> ROOT_USER_MISSING;
            case ROOT_ROLE_MISSING -> ROOT_ROLE_MISSING;
            case PERMISSION_DENIED -> PERMISSION_DENIED;
            case AUTH_OLD_REVISION -> AUTH_OLD_REVISION;
            case AUTH_NOT_ENABLED -> AUTH_NOT_ENABLED;
            case INVALID_AUTH_TOKEN -> INVALID_AUTH_TOKEN;
            case SESSION_UNKNOWN -> SESSION_UNKNOWN;
            case SESSION_EXISTS -> SESSION_EXISTS;
            case CALL_PASSED -> CALL_PASSED;
            case CALL_DIFFERS -> CALL_DIFFERS;
            case TOO_MANY_SESSIONS -> TOO_MANY_SESSIONS;
        };
    }

    /** A call that certainly had no effect. */
    public static EtcdError of(Failure failure) {
        return switch (failure) {
            case NO_LEADER -> NO_LEADER;
            case LEADER_CHANGED -> LEADER_CHANGED;
            case NOT_LEADER -> NOT_LEADER;
            case BAD_TRANSFEREE -> BAD_TRANSFEREE;
            case TOO_MANY_REQUESTS -> TOO_MANY_REQUESTS;
            case TOO_LARGE -> REQUEST_TOO_LARGE;
            case TIMEOUT -> TIMEOUT;
            case TIMEOUT_LEADER_FAILED -> TIMEOUT_LEADER_FAILED;
            case TIMEOUT_CONNECTION_LOST -> TIMEOUT_CONNECTION_LOST;
            case TRANSFER_TOO_LONG -> TRANSFER_TOO_LONG;
            case STOPPED -> STOPPED;
            case QUARANTINED -> QUARANTINED;
            case DISK_FULL -> DISK_FULL;
        };
    }

    /**
     * A write that may have been applied, now or later. Never a code that a client could read as "not applied"
     * (contract C.3): a reason that has only such a code is answered as a plain timeout.
     */
    public static EtcdError ofUnknown(Failure failure) {
        EtcdError error = of(failure);
        return error.status.getCode() == Status.Code.UNAVAILABLE ? error : TIMEOUT;
    }
}
