package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.axolotl.client.proto.PutRequest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ByteArraysTest {
    @Test
    void theArrayBehindAParsedFieldIsHandedOverWithoutACopy() throws InvalidProtocolBufferException {
        ByteString value = PutRequest.parseFrom(PutRequest.newBuilder()
                        .setValue(ByteString.copyFromUtf8("value"))
                        .build()
                        .toByteArray())
                .getValue();

        assertThat(ByteArrays.unwrap(value)).isSameAs(ByteArrays.unwrap(value)).isEqualTo(utf8("value"));
    }

    @Test
    void partsAndRopesAreGathered() {
        ByteString part = ByteString.copyFromUtf8("abcdef").substring(2, 4);
        ByteString rope = ByteString.copyFrom(new byte[300]).concat(ByteString.copyFromUtf8("end"));

        assertThat(ByteArrays.unwrap(part)).isEqualTo(utf8("cd"));
        assertThat(ByteArrays.unwrap(rope)).isEqualTo(rope.toByteArray());
        assertThat(ByteArrays.unwrap(ByteString.EMPTY)).isEmpty();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
