package io.axolotl.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of etcd's flags against etcd's own help, our settings, and what people read. */
class EtcdFlagsTest {
    private static final Pattern HELP_LINE = Pattern.compile("^  --([a-z0-9-]+) (?:'(.*)'|([0-9]+))$");
    private static final Path DOCUMENT = Path.of("..", "docs", "etcd-compatibility.md");

    @Test
    @DisplayName("every flag of etcd 3.4's help is in the table, with its default and in its order, and nothing else")
    void theTableIsTheHelpOfEtcd() throws Exception {
        List<String> help = new ArrayList<>();
        for (String line : etcd("--help").lines().toList()) {
            Matcher matcher = HELP_LINE.matcher(line);
            if (matcher.matches()) {
                help.add(matcher.group(1) + "=" + (matcher.group(2) == null ? matcher.group(3) : matcher.group(2)));
            }
        }
        assertThat(EtcdFlags.ofHelp().stream()
                        .map(flag -> flag.name() + "=" + flag.standard())
                        .toList())
                .hasSizeGreaterThan(70)
                .isEqualTo(help);
    }

    private static String etcd(String argument) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder("etcd", argument)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "etcd is not installed; on Debian: apt-get install etcd-server");
            throw e;
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return out;
    }

    static List<EtcdFlag> all() {
        return EtcdFlags.all();
    }

    @Test
    void noFlagIsInTheTableTwice() {
        assertThat(EtcdFlags.all()).extracting(EtcdFlag::name).doesNotHaveDuplicates();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    @DisplayName("what is said to be served is a setting, and what is not tells why")
    void everyFateIsTrue(EtcdFlag flag) {
        switch (flag.fate()) {
            case SERVED ->
                assertThat(Setting.byKey(flag.name())).as(flag.name()).isPresent();
            case ALIAS -> assertThat(Setting.byKey(flag.text())).as(flag.text()).isPresent();
            case NO_EFFECT, REFUSED -> {
                assertThat(Setting.byKey(flag.name())).as(flag.name()).isEmpty();
                assertThat(flag.text()).isNotBlank();
            }
        }
    }

    @Test
    @DisplayName("docs/etcd-compatibility.md has the row of every flag as the table says it")
    void theDocumentListsEveryFlag() throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        List<String> missing = EtcdFlags.all().stream()
                .map(EtcdFlag::documentation)
                .filter(row -> !lines.contains(row))
                .toList();
        assertThat(missing).as("rows to put into " + DOCUMENT).isEmpty();
        assertThat(lines.stream().filter(line -> line.matches("\\| `--[a-z0-9-]+` \\| (served|no effect|refused).*")))
                .as("rows of flags in " + DOCUMENT)
                .hasSize(EtcdFlags.all().size());
    }
}
