package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetResult;
import io.axolotl.client.LockResult;
import java.io.IOException;
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
        Bytes name = Arguments.bytes(arguments.get(0));
        List<String> command = arguments.stream().skip(1).map(Arguments::text).toList();
        Console console = session.console();
        AxolotlClient client = session.client();
        try (SessionLease lease = new SessionLease(client, ttlSeconds, session::endProcess)) {
            LockResult held =
                    SessionLease.await(session.patientClient().coordination().lock(name, lease.id()));
            if (!command.isEmpty()) {
                return run(command, held, lease);
            }
            lease.atSignal(() -> ExitCode.SUCCESS);
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

    /** A command that fails is an error of ours, whatever its exit code, as with etcdctl 3.4. It ends before the lock is let go. */
    private int run(List<String> command, LockResult held, SessionLease lease) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        // In a shell the rest of the input is its next lines.
        builder.redirectInput(session.isInShell() ? ProcessBuilder.Redirect.PIPE : ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("ETCD_LOCK_KEY", held.key().toString());
        builder.environment().put("ETCD_LOCK_REV", Long.toString(held.header().revision()));
        ChildProcess child;
        try {
            child = ChildProcess.start(builder, session.console());
        } catch (IOException e) {
            throw new CtlFailure(
                    ExitCode.ERROR, "exec: \"" + command.get(0) + "\": executable file not found in $PATH");
        }
        lease.atSignal(() -> child.end() == 0 ? ExitCode.SUCCESS : ExitCode.ERROR);
        int exitCode = child.await();
        if (exitCode != 0) {
            throw new CtlFailure(ExitCode.ERROR, "exit status " + exitCode);
        }
        return ExitCode.SUCCESS;
    }
}
