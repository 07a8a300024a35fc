package io.axolotl.jepsen.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small process beside this JVM that kills with {@code kill -9} what was told to it, as soon as this JVM is gone, however it went: then
 * the pipe between them ends. A process is known by its number and by when it was started, so that nobody who has got the number later is
 * meant. Needs Linux's {@code /proc}; elsewhere there is none. Safe for all threads.
 */
final class Watchdog {
    /** Field 22 of {@code /proc/PID/stat}; counted from behind the name, which may hold anything. */
    private static final int STARTED = 22 - 3;

    private static final int PARENT = 4 - 3;

    /** Signals to the whole foreground are for this JVM, which may need a while to end. */
    private static final String SCRIPT = """
            trap '' INT TERM HUP QUIT
            cd /
            set -f
            told=
            while read -r pid started; do
                told="$told $pid:$started"
            done
            for each in $told; do
                pid=${each%%:*}
                stat=
                read -r stat <"/proc/$pid/stat"
                set -- ${stat##*) }
                [ "${20:-}" != "${each#*:}" ] || kill -9 "$pid"
            done
            """;

    /** Guarded by the class; null before the first process is told, and when there is no watchdog. */
    private static @Nullable OutputStream pipe;

    private static boolean wasStarted;

    private Watchdog() {}

    /** Gives a child of this JVM into its care. One that has ended already is left out. */
    static synchronized void tell(Process child) {
        try {
            String[] facts = facts(child.pid());
            if (Long.parseLong(facts[PARENT]) != ProcessHandle.current().pid()) {
                return;
            }
            if (!wasStarted) {
                wasStarted = true;
                pipe = start().getOutputStream();
            }
            if (pipe != null) {
                pipe.write(line(child.pid(), facts[STARTED]).getBytes(StandardCharsets.UTF_8));
                pipe.flush();
            }
        } catch (IOException e) {
            // No /proc, the child or the watchdog is gone: then only our own end, short of kill -9, ends the child.
        }
    }

    /** As the watchdog reads it. */
    static String line(long pid, String started) {
        return pid + " " + started + "\n";
    }

    /** What is known of a living process, from its state on. */
    private static String[] facts(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    }

    /** When the kernel started a living process, in its own ticks. */
    static String started(long pid) throws IOException {
        return facts(pid)[STARTED];
    }

    /** Of its own session where that can be had, and with nothing of ours open but its end of the pipe. */
    static Process start() throws IOException {
        List<String> words = new ArrayList<>();
        if (Target.onPath("setsid")) {
            words.add("setsid");
        }
        words.addAll(List.of("sh", "-c", SCRIPT));
        return new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
