package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.LeaseKeepAliveResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands on leases. */
@Command(name = "lease", description = "Lease related commands")
final class LeaseCommand {
    static CommandLine commandLine(Session session) {
        return new CommandLine(new LeaseCommand())
                .addSubcommand(new GrantCommand(session))
                .addSubcommand(new KeepAliveCommand(session))
                .addSubcommand(new ListCommand(session))
                .addSubcommand(new RevokeCommand(session))
                .addSubcommand(new TimeToLiveCommand(session));
    }

    private static long leaseId(List<String> arguments, String complaint) {
        if (arguments.size() != 1) {
            throw CtlFailure.badArgs(complaint);
        }
        try {
            return Long.parseLong(arguments.get(0), 16);
        } catch (NumberFormatException e) {
            throw CtlFailure.badArgs("bad lease ID arg (strconv.ParseInt: parsing \"" + arguments.get(0)
                    + "\": invalid syntax), expecting ID in Hex");
        }
    }

    /** Grants a lease. */
    @Command(name = "grant", description = "Creates leases")
    static final class GrantCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<ttl>", description = "in seconds")
        private List<String> ttls = new ArrayList<>();

        GrantCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            LeasePrinter printer = session.printer(LeasePrinter.class);
            if (ttls.size() != 1) {
                throw CtlFailure.badArgs("lease grant command needs TTL argument");
            }
            long ttlSeconds;
            try {
                ttlSeconds = Long.parseLong(ttls.get(0));
            } catch (NumberFormatException e) {
                throw CtlFailure.badArgs("bad TTL (strconv.ParseInt: parsing \"" + ttls.get(0) + "\": invalid syntax)");
            }
            try {
                AxolotlClient client = session.client();
                printer.granted(client.leases().grant(ttlSeconds).await());
            } catch (AxolotlException e) {
                throw new CtlFailure(ExitCode.ERROR, "failed to grant lease (" + e.getMessage() + ")");
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Ends a lease. */
    @Command(name = "revoke", description = "Revokes leases")
    static final class RevokeCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<leaseID>", description = "in hexadecimal")
        private List<String> ids = new ArrayList<>();

        RevokeCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            LeasePrinter printer = session.printer(LeasePrinter.class);
            long id = leaseId(ids, "lease revoke command needs 1 argument");
            try {
                AxolotlClient client = session.client();
                printer.revoked(id, client.leases().revoke(id).await());
            } catch (AxolotlException e) {
                throw new CtlFailure(ExitCode.ERROR, "failed to revoke lease (" + e.getMessage() + ")");
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Tells what is left of a lease. */
    @Command(name = "timetolive", description = "Get lease information")
    static final class TimeToLiveCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<leaseID>", description = "in hexadecimal")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--keys", description = "Get keys attached to this lease")
        private boolean keys;

        TimeToLiveCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            LeasePrinter printer = session.printer(LeasePrinter.class);
            long id = leaseId(ids, "lease timetolive command needs lease ID as argument");
            try {
                AxolotlClient client = session.client();
                printer.timeToLive(client.leases().timeToLive(id, keys).await(), keys);
            } catch (AxolotlException e) {
                throw new CtlFailure(ExitCode.BAD_CONNECTION, e.getMessage());
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Lists the leases. */
    @Command(name = "list", description = "List all active leases")
    static final class ListCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", hidden = true)
        private List<String> unusedArguments = new ArrayList<>();

        ListCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            LeasePrinter printer = session.printer(LeasePrinter.class);
            try {
                AxolotlClient client = session.client();
                printer.leases(client.leases().list().await());
            } catch (AxolotlException e) {
                throw new CtlFailure(ExitCode.BAD_CONNECTION, e.getMessage());
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Renews a lease, once or until it is gone. */
    @Command(name = "keep-alive", description = "Keeps leases alive (renew)")
    static final class KeepAliveCommand implements Callable<Integer> {
        private static final int RENEWALS_PER_TTL = 3;

        private final Session session;

        @Parameters(arity = "0..*", paramLabel = "<leaseID>", description = "in hexadecimal")
        private List<String> ids = new ArrayList<>();

        @Option(
                names = "--once",
                description = "Resets the keep-alive time to its original value and exits immediately")
        private boolean once;

        KeepAliveCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws InterruptedException {
            LeasePrinter printer = session.printer(LeasePrinter.class);
            long id = leaseId(ids, "lease keep-alive command needs lease ID as argument");
            try {
                AxolotlClient client = session.client();
                LeaseKeepAliveResult result = client.leases().keepAliveOnce(id).await();
                if (once && !result.isAlive()) {
                    throw new CtlFailure(ExitCode.BAD_CONNECTION, "etcdserver: requested lease not found");
                }
                while (!once && result.isAlive()) {
                    printer.keptAlive(result);
                    session.console().out().flush();
                    TimeUnit.NANOSECONDS.sleep(TimeUnit.SECONDS.toNanos(result.ttlSeconds()) / RENEWALS_PER_TTL);
                    result = again(client, result);
                }
                if (once) {
                    printer.keptAlive(result);
                } else {
                    printer.ended(id);
                }
            } catch (AxolotlException e) {
                throw new CtlFailure(ExitCode.BAD_CONNECTION, e.getMessage());
            }
            return ExitCode.SUCCESS;
        }

        /** Trouble on the way is gone over until the lease must have run out. */
        private static LeaseKeepAliveResult again(AxolotlClient client, LeaseKeepAliveResult before) {
            long deadlineNanos = System.nanoTime()
                    + TimeUnit.SECONDS.toNanos(before.ttlSeconds()) * (RENEWALS_PER_TTL - 1) / RENEWALS_PER_TTL;
            while (true) {
                try {
                    return client.leases().keepAliveOnce(before.id()).await();
                } catch (AxolotlException e) {
                    if (e.code() != ErrorCode.UNAVAILABLE || System.nanoTime() - deadlineNanos >= 0) {
                        throw e;
                    }
                }
            }
        }
    }
}
