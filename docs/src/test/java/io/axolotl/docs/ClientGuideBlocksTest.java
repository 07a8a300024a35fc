package io.axolotl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What client.md shows is what {@link ClientGuideTest} and {@link CounterTest} compile and run. */
class ClientGuideBlocksTest {
    private static final Path GUIDE = Path.of("client.md").toAbsolutePath();
    private static final Path SOURCES = Path.of("src/test/java/io/axolotl/docs").toAbsolutePath();
    private static final Pattern BLOCK =
            Pattern.compile("(?:<!-- example: (\\w+) -->\\n)?```java\\n(.*?)```\\n", Pattern.DOTALL);
    private static final Pattern REGION =
            Pattern.compile("[ ]*// tag::(\\w+)\\n(.*?)[ ]*// end::\\1\\n", Pattern.DOTALL);

    @Test
    void everyExampleIsOneThatRuns() throws IOException {
        Map<String, String> regions = new TreeMap<>();
        for (String source : List.of("ClientGuideTest.java", "CounterTest.java")) {
            Matcher region = REGION.matcher(Files.readString(SOURCES.resolve(source)));
            while (region.find()) {
                regions.put(region.group(1), region.group(2).stripTrailing().stripIndent() + "\n");
            }
        }
        Map<String, String> examples = new TreeMap<>();
        List<String> unnamed = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(GUIDE));
        while (block.find()) {
            if (block.group(1) == null) {
                unnamed.add(block.group(2));
            } else {
                examples.put(block.group(1), block.group(2));
            }
        }
        assertThat(unnamed).as("blocks that say not which example they are").isEmpty();
        assertThat(examples).as("what the guide shows and what runs").isEqualTo(regions);
        assertThat(examples).as("both were found").hasSizeGreaterThan(15);
    }
}
