package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The commands on members. */
@Command(name = "member", description = "Membership related commands")
final class MemberCommand {
    /** Lists the members. */
    @Command(name = "list", description = "Lists all members in the cluster")
    static final class ListCommand implements Callable<Integer> {
        private final Session session;

        ListCommand(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            ClusterPrinter printer = session.clusterPrinter();
            try (AxolotlClient client = session.client()) {
                printer.members(client.cluster().members().await());
            }
            return ExitCode.SUCCESS;
        }
    }
}
