package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flag of a tool that says where its servers keep their data. Confined to one thread. */
public final class DataFolder {
    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description =
                    "where the servers keep their data, each time in a new folder that is removed at the end. A temporary"
                            + " folder by default: see that it is on a real disk")
    private @Nullable Path folder;

    /**
     * Has a cluster's servers keep their data in a new folder inside the one that is named, if one is.
     *
     * @throws UncheckedIOException if it cannot be made
     */
    public void use(ProcessCluster.Builder builder) {
        if (folder != null) {
            builder.root(freshIn(folder));
        }
    }

    /**
     * A new folder, removed with all that is in it when this JVM ends.
     *
     * @param parent made if it is not there; nothing else in it is touched
     * @throws UncheckedIOException if that cannot be
     */
    public static Path freshIn(Path parent) {
        try {
            Files.createDirectories(parent);
            Path fresh = Files.createTempDirectory(parent.toAbsolutePath(), "servers-");
            Children.afterKilling(() -> ProcessCluster.delete(fresh));
            return fresh;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "no folder for the servers' data can be made in " + parent + " (" + e + "); name another", e);
        }
    }
}
