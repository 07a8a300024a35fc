package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.Target;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the sources are that this program was built from, if they are still there. */
final class Source {
    private Source() {}

    /** The project's folder. */
    static Optional<Path> home() {
        try {
            Path folder = Path.of(Source.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            while (folder != null && !Files.exists(folder.resolve("docs").resolve("testing.md"))) {
                folder = folder.getParent();
            }
            return Optional.ofNullable(folder);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path is odd", e);
        }
    }

    /** The commit, with a plus if files differ from it; {@code unknown} if it cannot be told. */
    static String commit() {
        Optional<Path> home = home();
        if (home.isEmpty() || !Target.onPath("git")) {
            return "unknown";
        }
        String folder = home.get().toString();
        Command.Ended id = Command.run(List.of("git", "-C", folder, "rev-parse", "--short", "HEAD"), "");
        if (id.exitCode() != 0) {
            return "unknown";
        }
        Command.Ended changes = Command.run(List.of("git", "-C", folder, "status", "--porcelain", "-uno"), "");
        return id.output() + (changes.output().isEmpty() ? "" : "+");
    }
}
