package io.axolotl.jepsen.chaos.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes markup that is well-formed whatever text goes in: HTML that is also XML. Elements are closed in the order in which they were opened.
 * Confined to one thread.
 */
final class Html {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Opens an element.
     *
     * @param attributes names and values in turn
     */
    Html open(String name, Object... attributes) {
        start(name, attributes);
        out.append('>');
        open.push(name);
        return this;
    }

    /** Writes an element without content. */
    Html empty(String name, Object... attributes) {
        start(name, attributes);
        out.append("/>");
        return this;
    }

    /** Writes an element that holds a text and nothing else. */
    Html leaf(String name, String text, Object... attributes) {
        return open(name, attributes).text(text).close();
    }

    private void start(String name, Object... attributes) {
        if (attributes.length % 2 != 0) {
            throw new IllegalArgumentException("attribute without a value in <" + name + ">");
        }
        out.append('<').append(name);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1].toString());
            out.append('"');
        }
    }

    /** Writes a text; nothing in it is markup. */
    Html text(String text) {
        escape(text);
        return this;
    }

    /** Closes the element that was opened last. */
    Html close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** Ends a line, for those who read the source. */
    Html line() {
        out.append('\n');
        return this;
    }

    /** Adds what another has written whole. */
    Html add(Html other) {
        out.append(other);
        return this;
    }

    /** Adds our own text as it is: a style sheet. */
    Html raw(String ours) {
        out.append(ours);
        return this;
    }

    private void escape(String text) {
        text.codePoints().forEach(this::escape);
    }

    private void escape(int point) {
        switch (point) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            default -> out.appendCodePoint(isCharacter(point) ? point : 0xFFFD);
        }
    }

    /** Of XML: others may not even stand there escaped. */
    private static boolean isCharacter(int point) {
        return point == '\t'
                || point == '\n'
                || point == '\r'
                || (point >= 0x20 && point <= 0xD7FF)
                || (point >= 0xE000 && point <= 0xFFFD)
                || point >= 0x10000;
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("<" + open.peek() + "> is not closed");
        }
        return out.toString();
    }
}
