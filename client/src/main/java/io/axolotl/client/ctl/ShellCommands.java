package io.axolotl.client.ctl;

import io.axolotl.client.Bytes;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeyRange;
import io.axolotl.client.RefusedException;
import io.axolotl.client.Watch;
import io.axolotl.client.WatchOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands that only a shell has. */
final class ShellCommands {
    static final String NOW = "now";

    /** A key that nobody uses, for reads that are not about keys. */
    static final KeyRange NOWHERE = KeyRange.single(Bytes.of("\0"));

    private ShellCommands() {}

    /** Chooses the revision at which the following commands read. */
    @Command(
            name = "at",
            description =
                    "Has following get commands, and the completion of keys, read at a revision; at now goes back")
    static final class At implements Callable<Integer> {
        private final Shell shell;
        private final Console console;

        @Parameters(arity = "0..*", paramLabel = "<revision>|now", description = "none says which one is chosen")
        private List<String> words = new ArrayList<>();

        At(Shell shell, Console console) {
            this.shell = shell;
            this.console = console;
        }

        @Override
        public Integer call() throws InterruptedException {
            if (words.size() > 1) {
                throw CtlFailure.badArgs("at takes one revision, or now");
            }
            if (words.isEmpty()) {
                console.line(shell.revision() == 0 ? NOW : Long.toString(shell.revision()));
            } else if (words.get(0).equals(NOW)) {
                shell.readAt(0);
            } else {
                long revision = number(words.get(0));
                check(revision);
                shell.readAt(revision);
            }
            return ExitCode.SUCCESS;
        }

        private static long number(String word) {
            long revision;
            try {
                revision = Long.parseLong(word);
            } catch (NumberFormatException e) {
                throw CtlFailure.badArgs("\"" + word + "\" is not a revision; give a number, or now");
            }
            if (revision <= 0) {
                throw CtlFailure.badArgs("revisions begin with 1");
            }
            return revision;
        }

        /** Reads there, where nothing is. Who may not read that key is let through: the server has the last word anyway. */
        private void check(long revision) throws InterruptedException {
            try {
                var unused = shell.client()
                        .kv()
                        .get(NOWHERE, GetOptions.DEFAULT.withCountOnly(true).withRevision(revision))
                        .await();
            } catch (RefusedException e) {
                if (e.code() == ErrorCode.PERMISSION_DENIED) {
                    return;
                }
                if (e.code() != ErrorCode.OUT_OF_RANGE) {
                    throw e;
                }
                long oldest = oldest(revision);
                throw new CtlFailure(
                        ExitCode.ERROR,
                        oldest > 0
                                ? "revision " + revision + " has been compacted; the oldest that can be read is "
                                        + oldest
                                : "revision " + revision + " is not there yet; now is "
                                        + shell.client()
                                                .kv()
                                                .get(NOWHERE, GetOptions.DEFAULT.withCountOnly(true))
                                                .await()
                                                .header()
                                                .revision());
            }
        }

        /** A watch is told from where on there is history; 0 if there is at this revision, or will be. */
        private long oldest(long revision) throws InterruptedException {
            long now = shell.client()
                    .kv()
                    .get(NOWHERE, GetOptions.DEFAULT.withCountOnly(true))
                    .await()
                    .header()
                    .revision();
            if (revision > now) {
                return 0;
            }
            try (Watch watch = shell.client().watch(NOWHERE, WatchOptions.DEFAULT.from(revision))) {
                return watch.next().compactRevision();
            }
        }
    }

    /** Lists what runs in the background. */
    @Command(name = "watches", aliases = "jobs", description = "Lists the commands that run in the background")
    static final class Jobs implements Callable<Integer> {
        private final ShellJobs jobs;
        private final Console console;

        Jobs(ShellJobs jobs, Console console) {
            this.jobs = jobs;
            this.console = console;
        }

        @Override
        public Integer call() {
            jobs.list().forEach(console::line);
            return ExitCode.SUCCESS;
        }
    }

    /** Stops what runs in the background. */
    @Command(name = "unwatch", aliases = "stop", description = "Stops commands that run in the background")
    static final class Stop implements Callable<Integer> {
        private final ShellJobs jobs;

        @Parameters(arity = "1..*", paramLabel = "<number>", description = "as watches lists them")
        private List<Integer> numbers = new ArrayList<>();

        Stop(ShellJobs jobs) {
            this.jobs = jobs;
        }

        @Override
        public Integer call() throws InterruptedException {
            for (int number : numbers) {
                jobs.stop(number);
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Leaves. */
    @Command(name = "exit", aliases = "quit", description = "Leaves the shell, as Ctrl-D does")
    static final class Exit implements Callable<Integer> {
        private final Shell shell;

        Exit(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() {
            shell.leave();
            return ExitCode.SUCCESS;
        }
    }
}
