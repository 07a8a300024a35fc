package io.axolotl.jepsen.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel says a process has used. Immutable.
 *
 * @param cpuNanos user and system time of all its threads since it started, in steps of 10 ms
 * @param residentBytes memory it holds in RAM now
 * @param anonymousBytes the part of it that only the process itself has: heaps, stacks, buffers
 * @param fileBytes the part of it that is mapped files, which the kernel may take back
 */
public record ProcessUse(long cpuNanos, long residentBytes, long anonymousBytes, long fileBytes, long threads) {
    /** The kernel counts process time in hundredths of a second on every Linux that matters (USER_HZ). */
    private static final long NANOS_PER_TICK = 10_000_000;

    private static final Pattern NUMBER_LINE = Pattern.compile("(\\w+):\\s+(\\d+)(?: kB)?");

    /** Nothing if there is no such process, or no {@code /proc}. */
    public static Optional<ProcessUse> of(long pid) {
        try {
            Path folder = Path.of("/proc", Long.toString(pid));
            String stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The second field is the command in parentheses and may hold anything; what follows the last ")" is
            // regular.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            Map<String, Long> status = status(folder);
            return Optional.of(new ProcessUse(
                    ticks * NANOS_PER_TICK,
                    status.getOrDefault("VmRSS", 0L) * 1024,
                    status.getOrDefault("RssAnon", 0L) * 1024,
                    status.getOrDefault("RssFile", 0L) * 1024,
                    status.getOrDefault("Threads", 0L)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The lines that are a number or a number of KiB. */
    private static Map<String, Long> status(Path folder) throws IOException {
        Map<String, Long> values = new HashMap<>();
        for (String line : Files.readAllLines(folder.resolve("status"), StandardCharsets.ISO_8859_1)) {
            Matcher value = NUMBER_LINE.matcher(line);
            if (value.matches()) {
                values.put(value.group(1), Long.parseLong(value.group(2)));
            }
        }
        return values;
    }
}
