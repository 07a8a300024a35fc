package io.axolotl.client.ctl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The commands that run in the background, each on a thread of its own. Safe for all threads. */
final class ShellJobs implements AutoCloseable {
    /** Each holds a thread, and most a watch. */
    static final int MOST = 16;

    /** Longer than a lock waits for the program that it runs. */
    private static final long STOP_MILLIS = TimeUnit.SECONDS.toMillis(ChildProcess.PATIENCE_SECONDS + 5);

    /** Under way, by number; guarded by this. */
    private final Map<Integer, Job> jobs = new TreeMap<>();

    private int lastNumber;

    /** Of the first that failed by itself; guarded by this. */
    private int firstFailure = ExitCode.SUCCESS;

    private record Job(String line, boolean isEndless, Thread thread) {}

    /**
     * Starts one.
     *
     * @param line as it is to be shown
     * @param isEndless whether it goes on until somebody stops it
     * @param console where it writes
     * @param command returns the exit code; is interrupted when it is to stop
     * @return its number
     */
    synchronized int start(String line, boolean isEndless, Console console, ToIntFunction<Console> command) {
        if (jobs.size() == MOST) {
            throw new CtlFailure(ExitCode.ERROR, MOST + " commands run in the background already; unwatch one first");
        }
        int number = ++lastNumber;
        Thread thread = new Thread(() -> run(number, line, console, command), "shell-job-" + number);
        thread.setDaemon(true);
        jobs.put(number, new Job(line, isEndless, thread));
        thread.start();
        return number;
    }

    private void run(int number, String line, Console console, ToIntFunction<Console> command) {
        try {
            int exitCode = command.applyAsInt(console);
            if (remove(number) != null) {
                note(exitCode);
                console.errorLine("[" + number + "] ended with " + exitCode + ": " + line);
            }
        } finally {
            var unused = remove(number);
            console.out().flush();
            console.err().flush();
        }
    }

    private synchronized @Nullable Job remove(int number) {
        return jobs.remove(number);
    }

    private synchronized void note(int exitCode) {
        firstFailure = firstFailure == ExitCode.SUCCESS ? exitCode : firstFailure;
    }

    /**
     * Waits for those that end by themselves.
     *
     * @return the exit code of the first that failed, ever
     */
    int awaitFinite() {
        List<Job> all;
        synchronized (this) {
            all = List.copyOf(jobs.values());
        }
        try {
            for (Job job : all) {
                if (!job.isEndless) {
                    job.thread.join();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return firstFailure;
        }
    }

    /** Waits until it has ended, but not for ever: the thread ends with the process. */
    void stop(int number) throws InterruptedException {
        Job job = remove(number);
        if (job == null) {
            throw new CtlFailure(ExitCode.ERROR, "there is no command " + number + "; see watches");
        }
        job.thread.interrupt();
        job.thread.join(STOP_MILLIS);
    }

    /** A line for each. */
    synchronized List<String> list() {
        List<String> lines = new ArrayList<>();
        jobs.forEach((number, job) -> lines.add("[" + number + "] " + job.line));
        return lines;
    }

    synchronized List<String> numbers() {
        return jobs.keySet().stream().map(Object::toString).toList();
    }

    @Override
    public void close() {
        List<Job> all;
        synchronized (this) {
            all = List.copyOf(jobs.values());
            jobs.clear();
        }
        all.forEach(job -> job.thread.interrupt());
        try {
            for (Job job : all) {
                job.thread.join(STOP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
