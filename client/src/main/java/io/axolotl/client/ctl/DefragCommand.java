package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.RetryPolicy;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Has members give room back to their disks, one after the other. */
@Command(name = "defrag", description = "Defragments the storage of the etcd members with given endpoints")
final class DefragCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = "--cluster", description = "use all endpoints from the cluster member list")
    private boolean cluster;

    @Option(
            names = "--data-dir",
            paramLabel = "<folder>",
            description = "refused: a member gives room back while it runs")
    private String folder = "";

    DefragCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!folder.isEmpty()) {
            throw CtlFailure.badArgs(
                    "defrag --data-dir is not supported; start the member of that folder and run defrag on its endpoint");
        }
        List<String> endpoints = session.endpoints(cluster);
        int failures = 0;
        AxolotlClient client = session.client(endpoints, RetryPolicy.NONE);
        for (String endpoint : endpoints) {
            try {
                client.maintenance().defragment(endpoint).await();
                session.console().line("Finished defragmenting etcd member[" + endpoint + "]");
            } catch (AxolotlException e) {
                session.console()
                        .errorLine("Failed to defragment etcd member[" + endpoint + "] (" + e.getMessage() + ")");
                failures++;
            }
        }
        return failures == 0 ? ExitCode.SUCCESS : ExitCode.ERROR;
    }
}
