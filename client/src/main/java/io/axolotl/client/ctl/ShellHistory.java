package io.axolotl.client.ctl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jline.reader.impl.history.DefaultHistory;
import org.jspecify.annotations.Nullable;

/** The lines that were typed, without those that hold a password. Only their user can read the file. */
final class ShellHistory extends DefaultHistory {
    private static final List<String> SECRET_FLAGS = List.of("--password", "--new-user-password");
    private static final String USER = "--user";

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
            boolean isUser = (word.startsWith(USER + "=") && word.indexOf(':') >= 0)
                    || (word.equals(USER)
                            && i + 1 < words.size()
                            && words.get(i + 1).indexOf(':') >= 0);
            if (isFlag || isUser) {
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
     * The file for the history; made if it is not there. Named by {@code AXOLOTL_HISTORY}, which may be empty for none.
     *
     * @return null if no file can be had
     */
    static @Nullable Path file(Map<String, String> environment, Console console) {
        String named = environment.get("AXOLOTL_HISTORY");
        String home = System.getProperty("user.home", "");
        boolean isHomeless = home.isEmpty() || home.equals("?");
        if (named == null ? isHomeless : named.isEmpty()) {
            return null;
        }
        Path file = named == null ? Path.of(home, ".axolotl_history") : Path.of(named);
        try {
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            return file;
        } catch (IOException | UnsupportedOperationException e) {
            console.errorLine("The history is not kept: " + file + " cannot be made (" + e.getMessage() + ")");
            return null;
        }
    }
}
