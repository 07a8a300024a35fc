package io.axolotl.client.ctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jline.reader.impl.history.DefaultHistory;
import org.jspecify.annotations.Nullable;

/** The lines that were typed, without those that hold a password. Only their user can read the file. */
final class ShellHistory extends DefaultHistory {
    private static final List<String> SECRET_FLAGS = List.of("--password", "--new-user-password");
    private static final String USER = "--user";
    private static final Set<PosixFilePermission> OWN_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWN_FILE = PosixFilePermissions.fromString("rw-------");

    @Override
    public void add(Instant time, String line) {
        if (!holdsSecret(line)) {
            super.add(time, line);
        }
    }

    /** Rather one line too many: what cannot be taken apart may hold one too. */
    static boolean holdsSecret(String line) {
        List<String> words;
        try {
            words = Arrays.asList(ShellWords.of(line, StandardCharsets.UTF_8).arguments());
        } catch (CtlFailure e) {
            return true;
        }
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            boolean isFlag = SECRET_FLAGS.stream().anyMatch(flag -> word.equals(flag) || word.startsWith(flag + "="));
            boolean hasUser = word.startsWith(USER + "=")
                    ? word.indexOf(':') >= 0
                    : word.equals(USER)
                            && i + 1 < words.size()
                            && words.get(i + 1).indexOf(':') >= 0;
            if (isFlag || hasUser) {
                return true;
            }
        }
        // Flags may stand anywhere, so this looks at all that follows.
        int user = words.indexOf("user");
        return user >= 0
                && words.subList(user, words.size()).contains("add")
                && words.subList(user, words.size()).stream()
                        .anyMatch(word -> !word.startsWith("-") && word.indexOf(':') >= 0);
    }

    /**
     * The file for the history, {@code axolotl/ctl_history} in the user's folder of states (XDG Base Directory Specification 0.8);
     * made if it is not there. Nobody else may read it, even if that was otherwise before.
     *
     * @return null if no file can be had, which has been said
     */
    static @Nullable Path file(Map<String, String> environment, Console console) {
        Path file = states(environment).resolve("axolotl").resolve("ctl_history");
        try {
            Files.createDirectories(
                    Objects.requireNonNull(file.getParent()), PosixFilePermissions.asFileAttribute(OWN_FOLDER));
            if (!Files.exists(file)) {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(OWN_FILE));
            }
            Files.setPosixFilePermissions(file, OWN_FILE);
            return file;
        } catch (IOException | UnsupportedOperationException e) {
            console.errorLine("The history is not kept: " + file + " cannot be had (" + e.getMessage() + ")");
            return null;
        }
    }

    /** What is not an absolute path is to be ignored. */
    private static Path states(Map<String, String> environment) {
        Path named = Path.of(environment.getOrDefault("XDG_STATE_HOME", ""));
        return named.isAbsolute() ? named : Path.of(System.getProperty("user.home", "/"), ".local", "state");
    }
}
