package io.axolotl.client;

/** The status codes of gRPC, by the numbers they have on the wire. */
public enum ErrorCode {
    OK,
    CANCELLED,
    UNKNOWN,
    INVALID_ARGUMENT,
    DEADLINE_EXCEEDED,
    NOT_FOUND,
    ALREADY_EXISTS,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    FAILED_PRECONDITION,
    ABORTED,
    OUT_OF_RANGE,
    UNIMPLEMENTED,
    INTERNAL,
    UNAVAILABLE,
    DATA_LOSS,
    UNAUTHENTICATED;

    private static final ErrorCode[] BY_NUMBER = values();

    static ErrorCode of(io.grpc.Status status) {
        return BY_NUMBER[status.getCode().value()];
    }
}
