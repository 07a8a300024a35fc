package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.testing.Scenario;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The stories under {@code src/test/resources/scenarios}. Each is played, and what the cluster says on the way is
 * compared with the transcript beside it. After a wanted change {@code -Daxolotl.rewriteTranscripts=true} writes them
 * anew; the difference is reviewed like code.
 */
class ScenariosTest {
    private static final boolean REWRITES = Boolean.getBoolean("axolotl.rewriteTranscripts");
    private static final Path SOURCES = Path.of("src/test/resources/scenarios");

    @TestFactory
    List<DynamicTest> everyStoryEndsAsTold() throws IOException, URISyntaxException {
        Path folder = Path.of(
                Objects.requireNonNull(getClass().getResource("/scenarios")).toURI());
        try (Stream<Path> files = Files.list(REWRITES ? SOURCES : folder)) {
            return files.filter(file -> file.toString().endsWith(".scenario"))
                    .sorted()
                    .map(file -> DynamicTest.dynamicTest(title(file), () -> play(file)))
                    .toList();
        }
    }

    private static String title(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static void play(Path file) throws IOException {
        List<String> transcript = Scenario.play(Files.readAllLines(file));
        Path expected = Path.of(file.toString().replace(".scenario", ".transcript"));
        if (REWRITES) {
            Files.write(expected, transcript);
            return;
        }
        assertThat(expected).as("a transcript beside the scenario").exists();
        assertThat(transcript)
                .as("what the cluster says in %s (to accept it: -Daxolotl.rewriteTranscripts=true)", file.getFileName())
                .isEqualTo(Files.readAllLines(expected));
    }
}
