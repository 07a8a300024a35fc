package io.axolotl.server.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * Writes a message as JSON, byte by byte as etcd's gateway does (contract F.4): fields in the order and by the names of the
 * proto file, 64-bit numbers as texts, bytes in base64, enums by name, what has its default left out, no white space.
 *
 * <p>For one thread at a time.
 */
final class JsonWriting {
    private final ByteArrayOutputStream out;

    private JsonWriting(int sizeBytes) {
        this.out = new ByteArrayOutputStream(sizeBytes);
    }

    static byte[] write(Message message) {
        return written(message, "", "");
    }

    /** One message of a stream, with the line's end. */
    static byte[] writeResult(Message message) {
        return written(message, "{\"result\":", "}\n");
    }

    private static byte[] written(Message message, String before, String after) {
        // Base64 and names: half as much again is nearly always enough.
        JsonWriting writing = new JsonWriting((int) Math.min(1 << 30, 64 + message.getSerializedSize() * 3L / 2));
        writing.ascii(before);
        writing.message(message);
        writing.ascii(after);
        return writing.out.toByteArray();
    }

    /** In quotes. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    // As Go writes them, so that the text may stand in a page.
                    if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
                        quoted.append(String.format("\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    private void message(Message message) {
        out.write('{');
        boolean isFirst = true;
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (!isTold(message, field)) {
                continue;
            }
            if (!isFirst) {
                out.write(',');
            }
            isFirst = false;
            out.write('"');
            ascii(field.getName());
            ascii("\":");
            if (field.isRepeated()) {
                elements(field, (List<?>) message.getField(field));
            } else {
                value(field, message.getField(field));
            }
        }
        out.write('}');
    }

    /** A plain field is told unless it has its default, a message or a member of a oneof if it was set. */
    private static boolean isTold(Message message, FieldDescriptor field) {
        return field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
    }

    private void elements(FieldDescriptor field, List<?> elements) {
        out.write('[');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            value(field, elements.get(i));
        }
        out.write(']');
    }

    private void value(FieldDescriptor field, Object value) {
        switch (field.getType()) {
            case INT64 -> ascii("\"" + value + "\"");
            case UINT64 -> ascii("\"" + Long.toUnsignedString((Long) value) + "\"");
            case UINT32 -> ascii(Integer.toUnsignedString((Integer) value));
            case BOOL -> ascii(value.toString());
            case STRING -> out.writeBytes(quoted((String) value).getBytes(StandardCharsets.UTF_8));
            case BYTES -> bytes((ByteString) value);
            case ENUM -> enumValue((EnumValueDescriptor) value);
            case MESSAGE -> message((Message) value);
            default -> throw new IllegalStateException("no message of the API has a field like " + field);
        }
    }

    private void bytes(ByteString value) {
        out.write('"');
        ByteBuffer encoded = Base64.getEncoder().encode(value.asReadOnlyByteBuffer());
        out.write(encoded.array(), encoded.arrayOffset(), encoded.remaining());
        out.write('"');
    }

    /** A value that this version has no name for is told by its number. */
    private void enumValue(EnumValueDescriptor value) {
        boolean isNamed = value.getType().findValueByNumber(value.getNumber()) != null;
        ascii(isNamed ? "\"" + value.getName() + "\"" : Integer.toString(value.getNumber()));
    }

    private void ascii(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
