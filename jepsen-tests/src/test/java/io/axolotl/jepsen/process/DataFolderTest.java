package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class DataFolderTest {
    @TempDir
    private Path named;

    /** A tool with nothing but this flag. */
    @Command(name = "tool")
    private static final class Tool {
        @Mixin
        private final DataFolder dataFolder = new DataFolder();
    }

    @Test
    void whatIsInTheNamedFolderStays() throws IOException {
        Path mine = Files.writeString(named.resolve("mine"), "of years");
        Tool tool = new Tool();
        new CommandLine(tool).parseArgs("--data-dir", named.toString());
        for (int run = 0; run < 2; run++) {
            ProcessCluster.Builder builder = ProcessCluster.of(Target.AXOLOTL);
            tool.dataFolder.use(builder);
            try (ProcessCluster cluster = builder.build()) {
                assertThat(cluster.root()).hasParent(named).isEmptyDirectory();
                assertThat(mine).hasContent("of years");
            }
        }
        assertThat(mine).hasContent("of years");
    }

    @Test
    void whereNoFolderCanBeMadeTheErrorNamesIt() throws IOException {
        Path file = Files.writeString(named.resolve("file"), "");
        assertThatThrownBy(() -> DataFolder.freshIn(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("name another");
    }
}
