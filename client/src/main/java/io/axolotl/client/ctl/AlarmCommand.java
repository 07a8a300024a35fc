package io.axolotl.client.ctl;

import io.axolotl.client.AlarmsResult;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Maintenance;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands on alarms. */
@Command(name = "alarm", description = "Alarm related commands")
final class AlarmCommand {
    private AlarmCommand() {}

    static CommandLine commandLine(Session session) {
        return new CommandLine(new AlarmCommand())
                .addSubcommand(new ListCommand(session))
                .addSubcommand(new DisarmCommand(session));
    }

    private static int run(Session session, String command, List<String> arguments, Call call) {
        MaintenancePrinter printer = session.printer(MaintenancePrinter.class);
        if (!arguments.isEmpty()) {
            throw CtlFailure.badArgs("alarm " + command + " command accepts no arguments");
        }
        AxolotlClient client = session.client();
        printer.alarms(call.on(client.maintenance()));
        return ExitCode.SUCCESS;
    }

    /** What a command asks for. */
    private interface Call {
        AlarmsResult on(Maintenance maintenance);
    }

    /** Lists all alarms. */
    @Command(name = "list", description = "Lists all alarms")
    static final class ListCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", hidden = true)
        private List<String> arguments = new ArrayList<>();

        ListCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            return run(
                    session,
                    "list",
                    arguments,
                    maintenance -> maintenance.alarms().await());
        }
    }

    /** Disarms all alarms. */
    @Command(name = "disarm", description = "Disarms all alarms")
    static final class DisarmCommand implements Callable<Integer> {
        private final Session session;

        @Parameters(arity = "0..*", hidden = true)
        private List<String> arguments = new ArrayList<>();

        DisarmCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            return run(
                    session,
                    "disarm",
                    arguments,
                    maintenance -> maintenance.disarmAll().await());
        }
    }
}
