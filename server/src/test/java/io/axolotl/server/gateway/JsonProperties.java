package io.axolotl.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** F.4: every message of the API, there and back, beside protobuf's own JSON. */
class JsonProperties {
    @Property(tries = 500)
    @Label("F.4: what is written means what protobuf's own format writes, and is read back as it was")
    void jsonMeansWhatTheMessageSays(@ForAll long seed) throws Exception {
        Message message = new RandomMessages(seed).next();

        String written = new String(JsonWriting.write(message), StandardCharsets.UTF_8);

        assertThat(JsonParser.parseString(written)).isEqualTo(JsonParser.parseString(oracle(message)));
        assertThat(JsonReading.read(written, message.getDefaultInstanceForType()))
                .isEqualTo(message);
        assertThat(JsonReading.read(camelCase(message), message.getDefaultInstanceForType()))
                .isEqualTo(message);
    }

    private static String oracle(Message message) throws InvalidProtocolBufferException {
        return JsonFormat.printer()
                .preservingProtoFieldNames()
                .omittingInsignificantWhitespace()
                .print(message);
    }

    private static String camelCase(Message message) throws InvalidProtocolBufferException {
        return JsonFormat.printer().print(message);
    }

    @Property(tries = 500)
    @Label("a body of any bytes is a list of messages or is refused in words; nothing else happens")
    void anyBytesAreReadOrRefused(@ForAll @Size(max = 200) byte[] body, @ForAll long seed) {
        readAll(body, new RandomMessages(seed).next());
    }

    @Property(tries = 1_000)
    @Label("JSON that is damaged anywhere is read or refused in words")
    void damagedJsonIsReadOrRefused(@ForAll long seed) {
        Random random = new Random(seed);
        Message message = new RandomMessages(seed).next();
        byte[] json = JsonWriting.write(message);
        for (int i = random.nextInt(3); i >= 0; i--) {
            json[random.nextInt(json.length)] =
                    (byte) (random.nextBoolean() ? random.nextInt() : "{}[]\",:0\\".charAt(random.nextInt(9)));
        }
        readAll(json, message);
    }

    private static void readAll(byte[] body, Message message) {
        JsonObjects objects = new JsonObjects(body);
        try {
            for (String object = objects.next(); object != null; object = objects.next()) {
                assertThat(JsonReading.read(object, message.getDefaultInstanceForType()))
                        .isNotNull();
            }
        } catch (MalformedJsonException refused) {
            assertThat(refused).hasMessageMatching("(?s).{10,}");
        }
    }
}
