package io.axolotl.jepsen.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Which state of the sources this was built from: a seed means a world only together with it. Stateless. */
final class Revision {
    private Revision() {}

    /** The commit in the working directory, as git says; "unknown" where there is none. */
    static String ofThisBuild() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
                    .redirectErrorStream(true)
                    .start();
            try (InputStream output = git.getInputStream()) {
                String said = new String(output.readAllBytes(), StandardCharsets.UTF_8).trim();
                return git.waitFor() == 0 ? said : "unknown";
            }
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
