package io.axolotl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.ctl.CtlMain;
import io.axolotl.testkit.AxolotlCluster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What somebody types in the transcript of client.md gives what it shows, on a new cluster of one node. */
@Timeout(60)
class ShellTranscriptTest {
    private static final Path GUIDE = Path.of("client.md").toAbsolutePath();
    private static final Pattern TRANSCRIPT =
            Pattern.compile("<!-- transcript -->\\n```text\\n\\$ ./axolotl ctl shell\\n(.*?)```\\n", Pattern.DOTALL);
    private static final Pattern TYPED = Pattern.compile("(axolotl(?: at (\\d+))?)?>(?: (.*))?");

    @Test
    void theTranscriptIsWhatHappens() throws IOException {
        Matcher transcript = TRANSCRIPT.matcher(Files.readString(GUIDE));
        assertThat(transcript.find()).isTrue();
        List<String> typed = new ArrayList<>();
        List<String> shown = new ArrayList<>();
        transcript.group(1).lines().forEach(line -> {
            Matcher prompt = TYPED.matcher(line);
            if (prompt.matches()) {
                typed.add(prompt.group(3) == null ? "" : prompt.group(3));
            } else {
                shown.add(line);
            }
        });
        assertThat(typed).hasSizeGreaterThan(10);

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        // Both streams in one, as a terminal shows them.
        PrintStream both = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (AxolotlCluster cluster = AxolotlCluster.builder().build().start()) {
            int exitCode = CtlMain.run(
                    new String[] {"--endpoints=" + cluster.endpoint(1), "shell", "--keep-going"},
                    Map.of(),
                    new ByteArrayInputStream(String.join("\n", typed).getBytes(StandardCharsets.UTF_8)),
                    both,
                    both);
            assertThat(exitCode).as("of the first of the two errors").isEqualTo(1);
        }
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).containsExactlyElementsOf(shown);
    }
}
