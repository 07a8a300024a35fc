package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetResult;
import io.axolotl.client.LockResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Holds a lock while a command runs, or until a signal comes. */
@Command(name = "lock", description = "Acquires a named lock")
final class LockCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(
            arity = "0..*",
            paramLabel = "<lockname> [exec-command arg1 arg2 ...]",
            description = "what to lock, and what to run meanwhile; flags of the command come after --")
    private List<String> arguments = new ArrayList<>();

    @Option(names = "--ttl", defaultValue = "10", description = "timeout for session, in seconds (${DEFAULT-VALUE})")
    private long ttlSeconds;

    LockCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        KvPrinter printer = session.printer(KvPrinter.class);
        if (arguments.isEmpty()) {
            throw CtlFailure.badArgs("lock takes a lock name argument and an optional command to execute");
        }
        Bytes name = Bytes.of(arguments.get(0));
        List<String> command = arguments.subList(1, arguments.size());
        Console console = session.console();
        AxolotlClient client = session.client();
        try (SessionLease lease =
                new SessionLease(client, ttlSeconds, () -> console.out().flush())) {
            LockResult held = session.patientClient()
                    .coordination()
                    .lock(name, lease.id())
                    .await();
            if (!command.isEmpty()) {
                return run(command, held, console);
            }
            GetResult key = client.kv().get(held.key()).await();
            if (key.kvs().isEmpty()) {
                throw new CtlFailure(ExitCode.ERROR, "lock lost on init");
            }
            printer.get(key, false, false);
            console.out().flush();
            lease.awaitEnd();
            throw new CtlFailure(ExitCode.ERROR, "session expired");
        }
    }

    /** A command that fails is an error of ours, whatever its exit code, as with etcdctl 3.4. */
    private static int run(List<String> command, LockResult held, Console console) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("ETCD_LOCK_KEY", held.key().toString());
        builder.environment().put("ETCD_LOCK_REV", Long.toString(held.header().revision()));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new CtlFailure(
                    ExitCode.ERROR, "exec: \"" + command.get(0) + "\": executable file not found in $PATH");
        }
        Thread errors = new Thread(() -> copy(process.getErrorStream(), console.err()), "stderr");
        Thread output = new Thread(() -> copy(process.getInputStream(), console.out()), "stdout");
        errors.start();
        output.start();
        try {
            int exitCode = process.waitFor();
            errors.join();
            output.join();
            if (exitCode != 0) {
                throw new CtlFailure(ExitCode.ERROR, "exit status " + exitCode);
            }
            return ExitCode.SUCCESS;
        } finally {
            process.destroy();
        }
    }

    private static void copy(InputStream from, PrintStream to) {
        try {
            from.transferTo(to);
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the output of the command cannot be read", e);
        }
    }
}
