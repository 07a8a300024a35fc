package io.axolotl.server.gateway;

import io.axolotl.server.http.HttpExchange;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a client says beside its message, passed on as a gRPC client would say it (contract C.2, F.4): the token in {@code
 * Authorization}, a deadline in {@code Grpc-Timeout}, anything else as {@code Grpc-Metadata-NAME}.
 */
final class CallHeaders {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String PREFIX = "grpc-metadata-";
    private static final String TIMEOUT = "grpc-timeout";
    private static final int MAX_TIMEOUT_DIGITS = 8;

    private CallHeaders() {}

    /** @throws StatusException if a header cannot be passed on */
    static Metadata metadata(HttpExchange exchange) throws StatusException {
        Metadata metadata = new Metadata();
        ClientAddress.tell(metadata, exchange.client());
        List<String> authorization = exchange.header("authorization");
        if (!authorization.isEmpty()) {
            metadata.put(AUTHORIZATION, authorization.get(0));
        }
        for (Map.Entry<String, String> header : exchange.headers()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith(PREFIX)) {
                put(metadata, name.substring(PREFIX.length()), header.getValue());
            }
        }
        return metadata;
    }

    /** Names that begin with {@code grpc-} are the transport's own, and some are ours. */
    private static void put(Metadata metadata, String name, String value) throws StatusException {
        if (name.startsWith("grpc-") || name.startsWith(ClientAddress.RESERVED)) {
            return;
        }
        try {
            if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                metadata.put(
                        Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
                        Base64.getDecoder().decode(value));
            } else {
                metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
            }
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("the header Grpc-Metadata-" + name + " is no metadata: " + e.getMessage())
                    .asException();
        }
    }

    /** @throws StatusException if the deadline cannot be understood */
    static CallOptions options(HttpExchange exchange) throws StatusException {
        CallOptions options = CallOptions.DEFAULT.withExecutor(exchange.executor());
        List<String> timeout = exchange.header(TIMEOUT);
        return timeout.isEmpty()
                ? options
                : options.withDeadlineAfter(timeoutNanos(timeout.get(0)), TimeUnit.NANOSECONDS);
    }

    /** As gRPC writes it: at most eight digits and a unit. */
    private static long timeoutNanos(String timeout) throws StatusException {
        int digits = timeout.length() - 1;
        if (digits < 1
                || digits > MAX_TIMEOUT_DIGITS
                || !timeout.chars().limit(digits).allMatch(c -> c >= '0' && c <= '9')) {
            throw badTimeout();
        }
        return unit(timeout.charAt(digits)).toNanos(Long.parseLong(timeout.substring(0, digits)));
    }

    private static TimeUnit unit(char letter) throws StatusException {
        return switch (letter) {
            case 'H' -> TimeUnit.HOURS;
            case 'M' -> TimeUnit.MINUTES;
            case 'S' -> TimeUnit.SECONDS;
            case 'm' -> TimeUnit.MILLISECONDS;
            case 'u' -> TimeUnit.MICROSECONDS;
            case 'n' -> TimeUnit.NANOSECONDS;
            default -> throw badTimeout();
        };
    }

    private static StatusException badTimeout() {
        return Status.INVALID_ARGUMENT
                .withDescription("the header Grpc-Timeout takes digits and a unit, such as 500m or 10S")
                .asException();
    }
}
