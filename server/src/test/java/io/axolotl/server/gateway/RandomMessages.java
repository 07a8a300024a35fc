package io.axolotl.server.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.axolotl.client.proto.ElectionProto;
import io.axolotl.client.proto.LockProto;
import io.axolotl.client.proto.RpcProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Any message of the API, with any values, often extreme ones. */
final class RandomMessages {
    private static final List<Message> PROTOTYPES = prototypes();
    private static final long[] LONGS = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 53};
    private static final String[] TEXTS = {
        "", "plain", "\"<quoted>\" & 'odd'", "\u0000\u001f\t\r\n", "\u2028\u00e9\ud83d\ude00"
    };

    private final Random random;

    RandomMessages(long seed) {
        this.random = new Random(seed);
    }

    static List<FileDescriptor> files() {
        return List.of(RpcProto.getDescriptor(), LockProto.getDescriptor(), ElectionProto.getDescriptor());
    }

    private static List<Message> prototypes() {
        List<Message> all = new ArrayList<>();
        files().forEach(file ->
                file.getMessageTypes().forEach(type -> all.add(DynamicMessage.getDefaultInstance(type))));
        return List.copyOf(all);
    }

    Message next() {
        return fill(PROTOTYPES.get(random.nextInt(PROTOTYPES.size())).newBuilderForType(), 6);
    }

    private Message fill(Message.Builder message, int depth) {
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (random.nextBoolean() || (depth == 0 && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = random.nextInt(3); i > 0; i--) {
                    message.addRepeatedField(field, value(message, field, depth));
                }
            } else {
                message.setField(field, value(message, field, depth));
            }
        }
        return message.build();
    }

    private Object value(Message.Builder message, FieldDescriptor field, int depth) {
        return switch (field.getType()) {
            case INT64, UINT64 -> random.nextInt(4) == 0 ? random.nextLong() : LONGS[random.nextInt(LONGS.length)];
            case UINT32 -> random.nextInt();
            case BOOL -> random.nextBoolean();
            case STRING -> TEXTS[random.nextInt(TEXTS.length)];
            case BYTES -> {
                byte[] bytes = new byte[random.nextInt(9)];
                random.nextBytes(bytes);
                yield ByteString.copyFrom(bytes);
            }
            case ENUM -> {
                EnumDescriptor type = field.getEnumType();
                yield type.findValueByNumberCreatingIfUnknown(
                        random.nextInt(type.getValues().size() + 1));
            }
            case MESSAGE -> fill(message.newBuilderForField(field), depth - 1);
            default -> throw new AssertionError("no values for " + field);
        };
    }
}
