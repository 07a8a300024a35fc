package io.axolotl.server.gateway;

import io.axolotl.server.http.HttpAnswer;
import io.grpc.Status;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * How a call ended badly, in HTTP's words and in etcd's (contract F.4). The body has the fields of etcd 3.4 and 3.5 ({@code
 * error}) and those of 3.6 ({@code details}) at once, so that clients of either are happy; the HTTP codes are those of 3.6.
 */
final class JsonStatus {
    private JsonStatus() {}

    static int httpCode(Status.Code code) {
        return switch (code) {
            case OK -> 200;
            case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case CANCELLED -> 499;
            case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
        };
    }

    /** The answer to a call that ended so. */
    static HttpAnswer answer(Status status) {
        String text = JsonWriting.quoted(text(status));
        return HttpAnswer.json(
                httpCode(status.getCode()),
                "{\"error\":" + text + ",\"message\":" + text + ",\"code\":"
                        + status.getCode().value() + ",\"details\":[]}");
    }

    /** The last line of a stream that ended so. */
    static String lastLine(Status status) {
        int httpCode = httpCode(status.getCode());
        int code = status.getCode().value();
        return "{\"error\":{\"grpc_code\":" + code + ",\"http_code\":" + httpCode + ",\"message\":"
                + JsonWriting.quoted(text(status)) + ",\"http_status\":"
                + JsonWriting.quoted(HttpResponseStatus.valueOf(httpCode).reasonPhrase()) + ",\"code\":" + code
                + ",\"details\":[]}}\n";
    }

    private static String text(Status status) {
        String text = status.getDescription();
        return text == null ? status.getCode().name() : text;
    }
}
