package io.axolotl.server.gateway;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a message from JSON as etcd's gateway takes it (contract F.4): fields by their names in the proto file or in camel
 * case, 64-bit numbers as numbers or texts, enums by name or number, bytes in either alphabet of base64; unknown fields
 * are passed over, null is as good as absent. A value that does not fit its field is refused, a misspelled name of an enum
 * too: what was meant is not to be guessed.
 *
 * <p>Safe for all threads.
 */
final class JsonReading {
    /**
     * A transaction within another is three levels deeper; more than 255 of them cannot be read from protobuf either. Small
     * beside what a thread's stack holds.
     */
    private static final int MAX_NESTING = 800;

    /** More digits than any number of a message has. */
    private static final int MAX_NUMBER_LENGTH = 64;

    private static final BigDecimal MIN_LONG = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal MAX_LONG = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final BigDecimal MAX_UNSIGNED_INT = BigDecimal.valueOf(0xFFFF_FFFFL);
    private static final BigDecimal MAX_UNSIGNED =
            new BigDecimal(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));

    /** By message. There are as many as there are kinds of messages. */
    private static final Map<Descriptor, Map<String, FieldDescriptor>> FIELDS = new ConcurrentHashMap<>();

    private JsonReading() {}

    /** @param object the text of one JSON object */
    static Message read(String object, Message prototype) throws MalformedJsonException {
        JsonReader json = new JsonReader(new StringReader(object));
        json.setStrictness(Strictness.STRICT);
        json.setNestingLimit(MAX_NESTING);
        Message.Builder message = prototype.newBuilderForType();
        try {
            readFields(json, message);
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new MalformedJsonException("malformed JSON at " + json.getPath());
            }
        } catch (IOException e) {
            throw new MalformedJsonException("malformed JSON at " + json.getPath());
        }
        return message.build();
    }

    private static void readFields(JsonReader json, Message.Builder message)
            throws IOException, MalformedJsonException {
        if (json.peek() != JsonToken.BEGIN_OBJECT) {
            throw misfit(json, "an object");
        }
        json.beginObject();
        while (json.hasNext()) {
            FieldDescriptor field = fields(message.getDescriptorForType()).get(json.nextName());
            if (field == null) {
                json.skipValue();
            } else if (json.peek() == JsonToken.NULL) {
                json.nextNull();
            } else if (field.isRepeated()) {
                readElements(json, message, field);
            } else {
                message.setField(field, value(json, message, field));
            }
        }
        json.endObject();
    }

    private static void readElements(JsonReader json, Message.Builder message, FieldDescriptor field)
            throws IOException, MalformedJsonException {
        if (json.peek() != JsonToken.BEGIN_ARRAY) {
            throw misfit(json, "a list");
        }
        message.clearField(field);
        json.beginArray();
        while (json.hasNext()) {
            message.addRepeatedField(field, value(json, message, field));
        }
        json.endArray();
    }

    private static Object value(JsonReader json, Message.Builder message, FieldDescriptor field)
            throws IOException, MalformedJsonException {
        return switch (field.getType()) {
            case INT64 -> number(json, MIN_LONG, MAX_LONG).longValue();
            case UINT64 -> number(json, BigDecimal.ZERO, MAX_UNSIGNED).longValue();
            case UINT32 -> number(json, BigDecimal.ZERO, MAX_UNSIGNED_INT).intValue();
            case BOOL -> {
                if (json.peek() != JsonToken.BOOLEAN) {
                    throw misfit(json, "true or false");
                }
                yield json.nextBoolean();
            }
            case STRING -> {
                if (json.peek() != JsonToken.STRING) {
                    throw misfit(json, "a text");
                }
                yield json.nextString();
            }
            case BYTES -> bytes(json);
            case ENUM -> enumValue(json, field);
            case MESSAGE -> {
                Message.Builder nested = message.newBuilderForField(field);
                readFields(json, nested);
                yield nested.build();
            }
            default -> throw new IllegalStateException("no message of the API has a field like " + field);
        };
    }

    /** @param least and {@code most} are both allowed */
    private static BigDecimal number(JsonReader json, BigDecimal least, BigDecimal most)
            throws IOException, MalformedJsonException {
        if (json.peek() != JsonToken.NUMBER && json.peek() != JsonToken.STRING) {
            throw misfit(json, "a number");
        }
        String where = json.getPath();
        String text = json.nextString();
        BigDecimal number;
        try {
            number = new BigDecimal(text.length() > MAX_NUMBER_LENGTH ? "none" : text);
        } catch (NumberFormatException e) {
            throw new MalformedJsonException(where + " takes a whole number");
        }
        // Its range first: to look at the digits of 1e999999999 would be to write them down.
        if (number.compareTo(least) < 0 || number.compareTo(most) > 0) {
            throw new MalformedJsonException(where + " takes a whole number from " + least + " to " + most);
        }
        if (number.signum() != 0 && number.stripTrailingZeros().scale() > 0) {
            throw new MalformedJsonException(where + " takes a whole number");
        }
        return number;
    }

    private static ByteString bytes(JsonReader json) throws IOException, MalformedJsonException {
        if (json.peek() != JsonToken.STRING) {
            throw misfit(json, "bytes as base64");
        }
        String where = json.getPath();
        String text = json.nextString().replace('-', '+').replace('_', '/');
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new MalformedJsonException(where + " takes bytes as base64");
        }
    }

    private static EnumValueDescriptor enumValue(JsonReader json, FieldDescriptor field)
            throws IOException, MalformedJsonException {
        if (json.peek() == JsonToken.NUMBER) {
            int number = number(json, BigDecimal.valueOf(Integer.MIN_VALUE), BigDecimal.valueOf(Integer.MAX_VALUE))
                    .intValue();
            return field.getEnumType().findValueByNumberCreatingIfUnknown(number);
        }
        if (json.peek() != JsonToken.STRING) {
            throw misfit(json, "one of the names of " + field.getEnumType().getFullName());
        }
        String name = json.nextString();
        EnumValueDescriptor value = field.getEnumType().findValueByName(name);
        if (value == null) {
            throw new MalformedJsonException("unknown value \"" + name + "\" for enum "
                    + field.getEnumType().getFullName());
        }
        return value;
    }

    private static MalformedJsonException misfit(JsonReader json, String wanted) {
        return new MalformedJsonException(json.getPath() + " takes " + wanted);
    }

    private static Map<String, FieldDescriptor> fields(Descriptor message) {
        return FIELDS.computeIfAbsent(
                message,
                descriptor -> descriptor.getFields().stream()
                        .flatMap(field -> Stream.of(field.getName(), field.getJsonName())
                                .distinct()
                                .map(name -> Map.entry(name, field)))
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)));
    }
}
