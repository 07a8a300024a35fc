package io.axolotl.server.http;

import java.nio.charset.StandardCharsets;

/**
 * A whole response. Immutable by convention: nobody writes to the body.
 *
 * @param contentType empty if there is no content
 * @param allow the methods that the page knows, for status 405; else empty
 */
public record HttpAnswer(int status, String contentType, String allow, byte[] body) {
    public static final String JSON = "application/json";
    public static final String PLAIN = "text/plain; charset=utf-8";

    public static HttpAnswer json(int status, String body) {
        return of(status, JSON, body);
    }

    /** A line of text, as Go's HTTP server words its errors. */
    public static HttpAnswer text(int status, String line) {
        return of(status, PLAIN, line + "\n");
    }

    public static HttpAnswer of(int status, String contentType, String body) {
        return new HttpAnswer(status, contentType, "", body.getBytes(StandardCharsets.UTF_8));
    }

    static HttpAnswer empty(int status) {
        return new HttpAnswer(status, "", "", new byte[0]);
    }

    static HttpAnswer methodNotAllowed(String allow) {
        return new HttpAnswer(405, PLAIN, allow, "Method Not Allowed\n".getBytes(StandardCharsets.UTF_8));
    }
}
