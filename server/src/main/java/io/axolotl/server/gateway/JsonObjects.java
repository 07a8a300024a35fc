package io.axolotl.server.gateway;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a body into the objects that stand in it one after the other, with nothing but white space between them (contract
 * F.4: streams of requests). Only quotes and braces are looked at; whether an object is JSON is for the reader of it to say.
 *
 * <p>For one thread at a time.
 */
final class JsonObjects {
    private final byte[] body;
    private int position;

    JsonObjects(byte[] body) {
        this.body = body;
    }

    /** The next object as text, or null if none follows. */
    @Nullable String next() throws MalformedJsonException {
        while (position < body.length && isWhiteSpace(body[position])) {
            position++;
        }
        if (position == body.length) {
            return null;
        }
        if (body[position] != '{') {
            throw new MalformedJsonException("a request is a JSON object: \"{\" is expected at byte " + position);
        }
        int end = end(position);
        String object = new String(body, position, end - position, StandardCharsets.UTF_8);
        position = end;
        return object;
    }

    /** Behind the brace that closes what opens at {@code start}. */
    private int end(int start) throws MalformedJsonException {
        int depth = 0;
        boolean isText = false;
        for (int i = start; i < body.length; i++) {
            byte b = body[i];
            if (isText) {
                if (b == '\\') {
                    i++;
                } else if (b == '"') {
                    isText = false;
                }
            } else if (b == '"') {
                isText = true;
            } else if (b == '{') {
                depth++;
            } else if (b == '}' && --depth == 0) {
                return i + 1;
            }
        }
        throw new MalformedJsonException("the JSON ends before its object does");
    }

    private static boolean isWhiteSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
