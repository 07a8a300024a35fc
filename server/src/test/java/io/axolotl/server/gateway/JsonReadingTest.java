package io.axolotl.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.axolotl.client.proto.AlarmRequest;
import io.axolotl.client.proto.Compare;
import io.axolotl.client.proto.HashResponse;
import io.axolotl.client.proto.LeaseGrantRequest;
import io.axolotl.client.proto.MemberRemoveRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.TxnRequest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** F.4: what etcd's gateway takes, and what it refuses. */
class JsonReadingTest {
    private static Message read(String json, Message prototype) throws MalformedJsonException {
        return JsonReading.read(json, prototype);
    }

    @Test
    void fieldsHaveTheirNamesOfTheFileOrInCamelCase() throws Exception {
        RangeRequest expected = RangeRequest.newBuilder()
                .setRangeEnd(ByteString.copyFromUtf8("foo"))
                .setSortTarget(RangeRequest.SortTarget.MOD)
                .build();
        RangeRequest prototype = RangeRequest.getDefaultInstance();
        assertThat(read("{\"range_end\":\"Zm9v\",\"sort_target\":\"MOD\"}", prototype))
                .isEqualTo(expected);
        assertThat(read("{\"rangeEnd\":\"Zm9v\",\"sortTarget\":3}", prototype)).isEqualTo(expected);
    }

    @Test
    void sixtyFourBitsComeAsNumbersOrTexts() throws Exception {
        LeaseGrantRequest expected =
                LeaseGrantRequest.newBuilder().setTTL(60).setID(Long.MIN_VALUE).build();
        assertThat(read("{\"TTL\":60,\"ID\":\"-9223372036854775808\"}", expected))
                .isEqualTo(expected);
        assertThat(read("{\"TTL\":\"6e1\",\"ID\":-9223372036854775808}", expected))
                .isEqualTo(expected);
        assertThat(read("{\"ID\":\"18446744073709551615\"}", MemberRemoveRequest.getDefaultInstance()))
                .isEqualTo(MemberRemoveRequest.newBuilder().setID(-1).build());
        assertThat(read("{\"hash\":4294967295}", HashResponse.getDefaultInstance()))
                .isEqualTo(HashResponse.newBuilder().setHash(-1).build());
    }

    @Test
    void bytesComeInEitherAlphabetWithOrWithoutPadding() throws Exception {
        PutRequest expected = PutRequest.newBuilder()
                .setKey(ByteString.copyFrom(new byte[] {(byte) 0xfb, (byte) 0xff}))
                .build();
        for (String text : new String[] {"+/8=", "-_8=", "+/8", "-_8"}) {
            assertThat(read("{\"key\":\"" + text + "\"}", expected)).isEqualTo(expected);
        }
    }

    @Test
    void whatIsUnknownOrNullIsPassedOver() throws Exception {
        assertThat(read("{\"key\":null,\"new\":{\"deep\":[1,{}]},\"value\":\"\"}", PutRequest.getDefaultInstance()))
                .isEqualTo(PutRequest.getDefaultInstance());
    }

    @Test
    @DisplayName(
            "an enum's number that is not known is kept, as on the wire; a name that is not known was meant to be something")
    void misspelledNamesAreRefused() throws Exception {
        assertThat(((AlarmRequest) read("{\"alarm\":9}", AlarmRequest.getDefaultInstance())).getAlarmValue())
                .isEqualTo(9);
        assertThatThrownBy(() -> read("{\"target\":\"VRSION\"}", Compare.getDefaultInstance()))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessage("unknown value \"VRSION\" for enum etcdserverpb.Compare.CompareTarget");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"key\":7}",
                "{\"key\":\"***\"}",
                "{\"key\":\"a\"}",
                "{\"lease\":true}",
                "{\"lease\":1.5}",
                "{\"lease\":\"\"}",
                "{\"lease\":\"0x10\"}",
                "{\"lease\":9223372036854775808}",
                "{\"lease\":1e999999999}",
                "{\"lease\":1e-999999999}",
                "{\"prev_kv\":\"true\"}",
                "{\"prev_kv\":1}",
                "{'key':\"\"}",
                "{key:\"\"}",
                "{\"key\":\"\",}",
                "{\"key\":\"\"}}",
                "{\"key\":\"\"} x",
                "{\"key\":\"\"",
                "{\"key\":\"\\x\"}",
                "",
            })
    void whatDoesNotFitIsRefused(String json) {
        assertThatThrownBy(() -> read(json, PutRequest.getDefaultInstance()))
                .isInstanceOf(MalformedJsonException.class)
                .hasMessageMatching("(malformed JSON at )?\\$.*");
    }

    @Test
    @DisplayName(
            "transactions inside each other are read as deep as gRPC reads them; what is deeper is refused, not a stack's end")
    void depthIsBounded() throws Exception {
        assertThat(read(nested(200), TxnRequest.getDefaultInstance())).isNotNull();
        assertThatThrownBy(() -> read(nested(100_000), TxnRequest.getDefaultInstance()))
                .isInstanceOf(MalformedJsonException.class);
        assertThatThrownBy(() -> read("{\"x\":" + "[".repeat(1_000_000), TxnRequest.getDefaultInstance()))
                .isInstanceOf(MalformedJsonException.class);
    }

    private static String nested(int depth) {
        return "{\"success\":[{\"request_txn\":".repeat(depth) + "{}" + "}]}".repeat(depth);
    }

    @Test
    void objectsAreCutApartWhereverTheirBracesStand() throws Exception {
        JsonObjects objects =
                new JsonObjects(" {\"a\":\"}{\\\"\"}{}\n\t{\"b\":{\"c\":[{}]}} ".getBytes(StandardCharsets.UTF_8));
        assertThat(objects.next()).isEqualTo("{\"a\":\"}{\\\"\"}");
        assertThat(objects.next()).isEqualTo("{}");
        assertThat(objects.next()).isEqualTo("{\"b\":{\"c\":[{}]}}");
        assertThat(objects.next()).isNull();
        assertThatThrownBy(() -> new JsonObjects("{\"a\"".getBytes(StandardCharsets.UTF_8)).next())
                .hasMessage("the JSON ends before its object does");
        assertThatThrownBy(() -> new JsonObjects(" [{}]".getBytes(StandardCharsets.UTF_8)).next())
                .hasMessageContaining("at byte 1");
    }
}
