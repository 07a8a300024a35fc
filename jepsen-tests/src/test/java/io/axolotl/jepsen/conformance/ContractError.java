package io.axolotl.jepsen.conformance;

import io.grpc.Status;

/** Every error of the contract (C.1) with its code and exact text, and for those without a test here, why. */
enum ContractError {
    EMPTY_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
    KEY_NOT_FOUND(Status.Code.INVALID_ARGUMENT, "etcdserver: key not found"),
    VALUE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
    LEASE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
    TOO_MANY_OPERATIONS(Status.Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
    DUPLICATE_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
    INVALID_CLIENT_VERSION(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: invalid client api version",
            "gRPC for Java does not let bytes through that are no valid UTF-8"),
    INVALID_SORT_OPTION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"),
    COMPACTED(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
    FUTURE_REVISION(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
    NO_SPACE(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
    LEASE_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: requested lease not found"),
    LEASE_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
    LEASE_TTL_TOO_LARGE(Status.Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
    WATCH_CANCELED(
            Status.Code.CANCELLED,
            "etcdserver: watch canceled",
            "said only when the server ends a stream of its own accord"),
    MEMBER_ID_EXISTS(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: member ID already exist",
            "the server draws the ids; see MemberRulesProperties"),
    PEER_URL_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: Peer URLs already exists"),
    NOT_ENOUGH_STARTED_MEMBERS(
            Status.Code.FAILED_PRECONDITION, "etcdserver: re-configuration failed due to not enough started members"),
    BAD_MEMBER_URLS(Status.Code.INVALID_ARGUMENT, "etcdserver: given member URLs are invalid"),
    MEMBER_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: member not found"),
    MEMBER_NOT_LEARNER(Status.Code.FAILED_PRECONDITION, "etcdserver: can only promote a learner member"),
    LEARNER_NOT_READY(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: can only promote a learner member which is in sync with leader"),
    TOO_MANY_LEARNERS(Status.Code.FAILED_PRECONDITION, "etcdserver: too many learner members in cluster"),
    CLUSTER_ID_MISMATCH(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: cluster ID mismatch",
            "between peers, whose protocol is our own; see HandshakeTest"),
    REQUEST_TOO_LARGE(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
    TOO_MANY_REQUESTS(
            Status.Code.RESOURCE_EXHAUSTED,
            "etcdserver: too many requests",
            "needs an applier that falls 5000 entries behind; see KvServiceTest"),
    ROOT_USER_NOT_EXIST(Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not exist"),
    ROOT_ROLE_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not have root role"),
    USER_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: user name already exists"),
    USER_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: user name is empty"),
    USER_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: user name not found"),
    ROLE_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: role name already exists"),
    ROLE_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: role name not found"),
    ROLE_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: role name is empty"),
    AUTH_FAILED(Status.Code.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password"),
    PERMISSION_NOT_GIVEN(Status.Code.INVALID_ARGUMENT, "etcdserver: permission not given"),
    PERMISSION_DENIED(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied"),
    ROLE_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: role is not granted to the user"),
    PERMISSION_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: permission is not granted to the role"),
    AUTH_NOT_ENABLED(Status.Code.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),
    INVALID_AUTH_TOKEN(Status.Code.UNAUTHENTICATED, "etcdserver: invalid auth token"),
    INVALID_AUTH_MANAGEMENT(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
    AUTH_REVISION_OLD(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: revision of auth store is old",
            "needs a change between a call and its entry, or a JWT; AuthContractTest and JwtTokensTest"),
    NO_LEADER(Status.Code.UNAVAILABLE, "etcdserver: no leader", Reasons.QUORUM),
    NOT_LEADER(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: not leader",
            "needs a follower; see NodeClusterTest and ServerTest"),
    LEADER_CHANGED(Status.Code.UNAVAILABLE, "etcdserver: leader changed", Reasons.QUORUM),
    NOT_CAPABLE(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: not capable",
            "said before the first cluster version is agreed on; we have one"),
    STOPPED(
            Status.Code.UNAVAILABLE,
            "etcdserver: server stopped",
            "a race against the end of the process; see ServerTest"),
    TIMEOUT(Status.Code.UNAVAILABLE, "etcdserver: request timed out", Reasons.QUORUM),
    TIMEOUT_LEADER_FAILED(
            Status.Code.UNAVAILABLE,
            "etcdserver: request timed out, possibly due to previous leader failure",
            Reasons.QUORUM),
    TIMEOUT_CONNECTION_LOST(
            Status.Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to connection lost", Reasons.QUORUM),
    TIMEOUT_APPLY(
            Status.Code.UNAVAILABLE,
            "etcdserver: request timed out, waiting for the applied index took too long",
            Reasons.QUORUM),
    UNHEALTHY_CLUSTER(Status.Code.UNAVAILABLE, "etcdserver: unhealthy cluster", Reasons.QUORUM),
    CORRUPT(Status.Code.DATA_LOSS, "etcdserver: corrupt cluster"),
    NOT_FOR_LEARNER(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: rpc not supported for learner",
            "needs a second member; see MembersComeAndGoTest"),
    BAD_TRANSFEREE(Status.Code.FAILED_PRECONDITION, "etcdserver: bad leader transferee"),
    BAD_DOWNGRADE_VERSION(Status.Code.INVALID_ARGUMENT, "etcdserver: wrong downgrade target version format"),
    BAD_DOWNGRADE_TARGET(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid downgrade target version"),
    NO_CLUSTER_VERSION(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: cluster version not found during downgrade",
            "there always is one"),
    DOWNGRADE_IN_PROGRESS(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: cluster has a downgrade job in progress",
            "every target is refused, so none is ever in progress"),
    NO_DOWNGRADE(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: no inflight downgrade job",
            "the contract has it logged only");

    private static final class Reasons {
        static final String QUORUM =
                "needs members that cannot reach each other; see ServerTest and LinearizableReadsTest";
    }

    private final Status.Code code;
    private final String text;
    private final String untested;

    ContractError(Status.Code code, String text) {
        this(code, text, "");
    }

    ContractError(Status.Code code, String text, String untested) {
        this.code = code;
        this.text = text;
        this.untested = untested;
    }

    Status.Code code() {
        return code;
    }

    String text() {
        return text;
    }

    /** Why no test here provokes it; empty if one must. */
    String untested() {
        return untested;
    }
}
