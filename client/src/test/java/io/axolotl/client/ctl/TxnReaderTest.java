package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.Bytes;
import io.axolotl.client.Compare;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Op;
import io.axolotl.client.PutOptions;
import java.io.BufferedReader;
import java.io.StringReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TxnReaderTest {
    @Test
    void comparesNameATargetARelationAndAQuotedValue() {
        assertThat(TxnReader.compare("ver(\"k\") > \"0\""))
                .isEqualTo(Compare.version("k").greaterThan(0));
        assertThat(TxnReader.compare("version(\"k\") = \"1\""))
                .isEqualTo(Compare.version("k").equalTo(1));
        assertThat(TxnReader.compare("c(\"k\") != \"2\""))
                .isEqualTo(Compare.createRevision("k").notEqualTo(2));
        assertThat(TxnReader.compare("create(\"k\") = \"2\""))
                .isEqualTo(Compare.createRevision("k").equalTo(2));
        assertThat(TxnReader.compare("m(\"k\") < \"3\""))
                .isEqualTo(Compare.modRevision("k").lessThan(3));
        assertThat(TxnReader.compare("mod(\"k\") < \"3\""))
                .isEqualTo(Compare.modRevision("k").lessThan(3));
        assertThat(TxnReader.compare("lease(\"k\") = \"1f\""))
                .isEqualTo(Compare.lease("k").equalTo(0x1f));
        assertThat(TxnReader.compare("val(\"a b\") = \"x\\ty\""))
                .isEqualTo(Compare.value("a b").equalTo("x\ty"));
        assertThat(TxnReader.compare("value( \"k\" )=\"v\""))
                .isEqualTo(Compare.value("k").equalTo("v"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bogus",
                "val(k) = \"2\"",
                "ver(\"k\") = 2",
                "ver(\"k\") >= \"0\"",
                "ver(\"k\") = \"abc\"",
                "mod(\"k\") = \"0x2\"",
                "what(\"k\") = \"1\"",
                "val(\"\\q\") = \"1\"",
            })
    void otherComparesAreRefusedWithTheirLine(String line) {
        assertThatThrownBy(() -> TxnReader.compare(line))
                .isInstanceOfSatisfying(
                        CtlFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.INVALID_INPUT));
    }

    @Test
    void operationsAreThoseOfTheCommandLine() {
        assertThat(TxnReader.op("put k v")).isEqualTo(Op.put("k", "v"));
        assertThat(TxnReader.op("put \"k 1\" 'a \"b\"' --lease=1f --prev-kv"))
                .isEqualTo(new Op.Put(
                        Bytes.of("k 1"),
                        Bytes.of("a \"b\""),
                        PutOptions.DEFAULT.withLease(31).withPrevious(true)));
        assertThat(TxnReader.op("get k --prefix --limit 2"))
                .isEqualTo(new Op.Get(KeyRange.prefix("k"), GetOptions.DEFAULT.withLimit(2)));
        assertThat(TxnReader.op("del k z")).isEqualTo(Op.delete(KeyRange.between(Bytes.of("k"), Bytes.of("z"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"compact 5", "foo bar", "get k --limit=x", "put x", "get", "\"\\xzz\" a"})
    void otherOperationsAreRefused(String line) {
        assertThatThrownBy(() -> TxnReader.op(line)).isInstanceOf(CtlFailure.class);
    }

    @Test
    void quotedTextsKnowTheEscapesOfGo() {
        assertThat(Arguments.bytes(GoQuote.unquote("\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\x41\\101\\u00e9\\U0001f98e\"")))
                .isEqualTo(Bytes.of("\u0007\b\f\n\r\t\u000b\\\"AAé\ud83e\udd8e"));
        assertThat(Arguments.bytes(GoQuote.unquote("\"\\xff\\377\"")))
                .isEqualTo(Bytes.copyOf(new byte[] {(byte) 0xff, (byte) 0xff}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\x4\"", "\"\\xgg\"", "\"\\400\"", "\"\\ud800x\\U00110000\"", "\"\\q\""})
    void brokenEscapesAreRefused(String quoted) {
        assertThatThrownBy(() -> GoQuote.unquote(quoted)).isInstanceOf(CtlFailure.class);
    }

    @Test
    void anEmptyLineEndsEachList() {
        TxnReader reader =
                new TxnReader(new BufferedReader(new StringReader("ver(\"k\") = \"1\"\n  \nput a b\nget a\n\n\n")));
        assertThat(reader.list().stream().map(TxnReader::compare))
                .containsExactly(Compare.version("k").equalTo(1));
        assertThat(reader.list().stream().map(TxnReader::op)).containsExactly(Op.put("a", "b"), Op.get("a"));
        assertThat(reader.list()).isEmpty();
        assertThatThrownBy(reader::list).isInstanceOf(CtlFailure.class).hasMessageContaining("EOF");
    }
}
