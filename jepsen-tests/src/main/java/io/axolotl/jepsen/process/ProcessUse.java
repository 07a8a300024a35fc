package io.axolotl.jepsen.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel says a process has used. Immutable.
 *
 * @param cpuNanos user and system time of all its threads since it started, in steps of 10 ms
 * @param residentBytes memory it holds in RAM now
 */
public record ProcessUse(long cpuNanos, long residentBytes) {
    /** The kernel counts process time in hundredths of a second on every Linux that matters (USER_HZ). */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** Nothing if there is no such process, or no {@code /proc}. */
    public static Optional<ProcessUse> of(long pid) {
        try {
            Path folder = Path.of("/proc", Long.toString(pid));
            String stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The second field is the command in parentheses and may hold anything; what follows the last ")" is
            // regular.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            return Optional.of(new ProcessUse(ticks * NANOS_PER_TICK, residentBytes(folder)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static long residentBytes(Path folder) throws IOException {
        for (String line : Files.readAllLines(folder.resolve("status"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return 0;
    }
}
