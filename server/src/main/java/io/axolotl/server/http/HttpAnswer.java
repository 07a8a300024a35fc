package io.axolotl.server.http;

import java.nio.charset.StandardCharsets;

/**
 * A whole response. Immutable by convention: nobody writes to the body.
 *
 * @param allow the methods that the page knows, for status 405; else empty
 */
public record HttpAnswer(int status, String contentType, String allow, byte[] body) {
    private static final String PLAIN = "text/plain; charset=utf-8";

    public static HttpAnswer json(int status, String body) {
        return of(status, "application/json", body);
    }

    /** A line of text, as Go's HTTP server words its errors. */
    public static HttpAnswer text(int status, String line) {
        return of(status, PLAIN, line + "\n");
    }

    public static HttpAnswer of(int status, String contentType, String body) {
        return new HttpAnswer(status, contentType, "", body.getBytes(StandardCharsets.UTF_8));
    }

    static HttpAnswer methodNotAllowed(String allow) {
        return new HttpAnswer(405, PLAIN, allow, "Method Not Allowed\n".getBytes(StandardCharsets.UTF_8));
    }
}
