package io.axolotl.client.ctl;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.GetResult;
import io.axolotl.client.Outcome;
import io.axolotl.client.Pending;
import io.axolotl.client.RefusedException;
import io.axolotl.client.RetryPolicy;
import io.axolotl.client.StatusResult;
import io.axolotl.client.ctl.EndpointPrinter.EndpointHash;
import io.axolotl.client.ctl.EndpointPrinter.EndpointHealth;
import io.axolotl.client.ctl.EndpointPrinter.EndpointStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The commands that look at each endpoint by itself. */
@Command(name = "endpoint", description = "Endpoint related commands")
final class EndpointCommand {
    @Option(
            names = "--cluster",
            description = "use all endpoints from the cluster member list",
            scope = ScopeType.INHERIT)
    private boolean cluster;

    private List<String> endpoints(Session session) {
        return session.endpoints(cluster);
    }

    /** Asks each endpoint for its status. */
    @Command(name = "status", description = "Prints out the status of endpoints specified in `--endpoints` flag")
    static final class StatusCommand implements Callable<Integer> {
        private final Session session;
        private final EndpointCommand parent;

        StatusCommand(Session session, EndpointCommand parent) {
            this.session = session;
            this.parent = parent;
        }

        @Override
        public Integer call() {
            EndpointPrinter printer = session.printer(EndpointPrinter.class);
            List<String> endpoints = parent.endpoints(session);
            List<EndpointStatus> statuses = new ArrayList<>();
            AxolotlClient client = session.client(endpoints, RetryPolicy.NONE);
            List<Pending<StatusResult>> answers = endpoints.stream()
                    .map(endpoint -> client.maintenance().status(endpoint))
                    .toList();
            for (int i = 0; i < endpoints.size(); i++) {
                try {
                    statuses.add(
                            new EndpointStatus(endpoints.get(i), answers.get(i).await()));
                } catch (AxolotlException e) {
                    session.console()
                            .errorLine("Failed to get the status of endpoint " + endpoints.get(i) + " ("
                                    + e.getMessage() + ")");
                }
            }
            printer.status(statuses);
            return statuses.size() == endpoints.size() ? ExitCode.SUCCESS : ExitCode.ERROR;
        }
    }

    /** Sends a linearizable read to each endpoint. */
    @Command(name = "health", description = "Checks the healthiness of endpoints specified in `--endpoints` flag")
    static final class HealthCommand implements Callable<Integer> {
        private final Session session;
        private final EndpointCommand parent;

        HealthCommand(Session session, EndpointCommand parent) {
            this.session = session;
            this.parent = parent;
        }

        @Override
        public Integer call() {
            EndpointPrinter printer = session.printer(EndpointPrinter.class);
            List<EndpointHealth> healths = parent.endpoints(session).stream()
                    .parallel()
                    .map(this::check)
                    .toList();
            printer.health(healths);
            if (!healths.stream().allMatch(EndpointHealth::healthy)) {
                throw new CtlFailure(ExitCode.ERROR, "unhealthy cluster");
            }
            return ExitCode.SUCCESS;
        }

        /**
         * Reads twice: the first read pays for setting up the connection and for this process having just started, which says
         * nothing about the member. Whoever says "permission denied" has asked a quorum first and is healthy too (G-1).
         */
        private EndpointHealth check(String endpoint) {
            AxolotlClient client = session.client(List.of(endpoint), RetryPolicy.NONE);
            EndpointHealth first = read(client, endpoint);
            return first.healthy() ? read(client, endpoint) : first;
        }

        private static EndpointHealth read(AxolotlClient client, String endpoint) {
            long startNanos = System.nanoTime();
            Outcome<GetResult> outcome = client.kv().get("health").awaitOutcome();
            long tookNanos = System.nanoTime() - startNanos;
            String error = outcome instanceof Outcome.Refused<GetResult> refused ? error(refused.reason()) : "";
            return new EndpointHealth(endpoint, error.isEmpty(), tookNanos, error);
        }

        private static String error(RefusedException reason) {
            return reason.code() == ErrorCode.PERMISSION_DENIED ? "" : reason.getMessage();
        }
    }

    /** Asks each endpoint for the hash of its history. */
    @Command(name = "hashkv", description = "Prints the KV history hash for each endpoint in --endpoints")
    static final class HashKvCommand implements Callable<Integer> {
        private final Session session;
        private final EndpointCommand parent;

        @Option(names = "--rev", description = "maximum revision to hash (default: all revisions)")
        private long revision;

        HashKvCommand(Session session, EndpointCommand parent) {
            this.session = session;
            this.parent = parent;
        }

        @Override
        public Integer call() {
            EndpointPrinter printer = session.printer(EndpointPrinter.class);
            List<String> endpoints = parent.endpoints(session);
            List<EndpointHash> hashes = new ArrayList<>();
            String failure = "";
            AxolotlClient client = session.client(endpoints, RetryPolicy.NONE);
            for (String endpoint : endpoints) {
                try {
                    hashes.add(new EndpointHash(
                            endpoint,
                            client.maintenance().hashKv(endpoint, revision).await()));
                } catch (AxolotlException e) {
                    failure = String.valueOf(e.getMessage());
                    session.console()
                            .errorLine("Failed to get the hash of endpoint " + endpoint + " (" + failure + ")");
                }
            }
            printer.hashes(hashes);
            if (!failure.isEmpty()) {
                throw new CtlFailure(ExitCode.ERROR, failure);
            }
            return ExitCode.SUCCESS;
        }
    }
}
