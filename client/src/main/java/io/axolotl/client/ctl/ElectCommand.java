package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.ElectedResult;
import io.axolotl.client.GetResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Leads until a signal comes, or tells who does. */
@Command(name = "elect", description = "Observes and participates in leader election")
final class ElectCommand implements Callable<Integer> {
    private static final long TTL_SECONDS = 60;

    private final Session session;

    @Parameters(
            arity = "0..*",
            paramLabel = "<election-name> [proposal]",
            description = "which election, and what to proclaim when elected")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = {"-l", "--listen"},
            description = "observation mode")
    private boolean listen;

    ElectCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        KvPrinter printer = session.printer(KvPrinter.class);
        if (arguments.isEmpty() || arguments.size() > 2) {
            throw CtlFailure.badArgs("elect takes one election name argument and an optional proposal argument");
        }
        Bytes name = Arguments.bytes(arguments.get(0));
        if (listen) {
            if (arguments.size() > 1) {
                throw CtlFailure.badArgs("proposal given but -l is set");
            }
            observe(name, printer);
            return ExitCode.SUCCESS;
        }
        if (arguments.size() == 1) {
            throw CtlFailure.badArgs("no proposal argument but -l not set");
        }
        campaign(name, Arguments.bytes(arguments.get(1)), printer);
        throw new CtlFailure(ExitCode.ERROR, "elect: session expired");
    }

    private void observe(Bytes name, KvPrinter printer) {
        AxolotlClient client = session.client();
        client.coordination().observe(name, leader -> {
            printer.get(new GetResult(leader.header(), List.of(leader.kv()), false, 0), false, false);
            session.console().out().flush();
        });
    }

    /** Returns when the lease has run out. */
    private void campaign(Bytes name, Bytes proposal, KvPrinter printer) throws InterruptedException {
        Console console = session.console();
        AxolotlClient client = session.client();
        try (SessionLease lease = new SessionLease(client, TTL_SECONDS, session::endProcess)) {
            ElectedResult elected =
                    SessionLease.await(session.patientClient().coordination().campaign(name, lease.id(), proposal));
            lease.atSignal(() -> ExitCode.SUCCESS);
            printer.get(client.kv().get(elected.key()).await(), false, false);
            console.out().flush();
            lease.awaitEnd();
        }
    }
}
