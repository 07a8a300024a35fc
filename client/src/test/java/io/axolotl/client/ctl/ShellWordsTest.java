package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quoting of POSIX.1-2024, 2.2. */
@DisplayName("lines are taken apart as a POSIX shell does")
final class ShellWordsTest {
    private static ShellWords words(String line) {
        return ShellWords.of(line, StandardCharsets.UTF_8);
    }

    private static List<String> texts(String line) {
        return words(line).words().stream().map(word -> word.bytes().utf8()).toList();
    }

    @Test
    void quotesKeepWordsTogether() {
        assertThat(texts("put  a\\tb 'c  d' \"e 'f\" g'h'\"i\" ''"))
                .containsExactly("put", "atb", "c  d", "e 'f", "ghi", "");
        assertThat(texts("a\\ b \"c\\\"d\\\\e\\f\" '\\'")).containsExactly("a b", "c\"d\\e\\f", "\\");
        assertThat(texts("zwei\\ Wörter $x \"$y\"")).containsExactly("zwei Wörter", "$x", "$y");
        assertThat(texts("a \\\n b\\\nc")).containsExactly("a", "bc");
        assertThat(texts("  ")).isEmpty();
    }

    @Test
    void bytesThatCannotBeTypedAreEscaped() {
        assertThat(words("k$'\\xff\\n\\'\"\\\\'").words())
                .singleElement()
                .satisfies(word ->
                        assertThat(word.bytes().toByteArray()).containsExactly('k', 0xff, '\n', '\'', '"', '\\'));
    }

    @Test
    void aNumberSignBeginsACommentBeforeAWordOnly() {
        assertThat(texts("get a#b #c d")).containsExactly("get", "a#b");
        assertThat(texts("# nothing")).isEmpty();
    }

    @Test
    void anAmpersandAtTheEndIsForTheBackground() {
        assertThat(words("watch k &").isInBackground()).isTrue();
        assertThat(words("watch k& # all of it").isInBackground()).isTrue();
        assertThat(texts("watch k&")).containsExactly("watch", "k");
        assertThat(words("watch '&'").isInBackground()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"get 'a", "get \"a", "get a\\", "get $'a"})
    void openQuotesAskForMore(String line) {
        assertThat(words(line).missing()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"get a | wc", "get a > f", "get a; get b", "get a & get b"})
    void operatorsThatAreNotThereAreNamed(String line) {
        assertThatThrownBy(() -> words(line)).isInstanceOf(CtlFailure.class).hasMessageContaining("quotes");
        assertThat(texts(line.replaceAll("[|>;&]", "'$0'"))).hasSizeGreaterThan(2);
    }

    @Property
    @Label("what is offered for bytes stands for these bytes, with another piece after it or without")
    void quotedBytesComeBack(@ForAll byte[] bytes, @ForAll byte[] more) {
        Bytes first = Bytes.copyOf(bytes);
        Bytes second = Bytes.copyOf(more);
        ShellWords parsed = words("get " + ShellWords.quoted(first) + ShellWords.quoted(second) + " x");
        assertThat(parsed.missing()).isEmpty();
        assertThat(parsed.words()).hasSize(3);
        assertThat(parsed.words().get(1).argument()).isEqualTo(Arguments.of(first) + Arguments.of(second));
    }
}
