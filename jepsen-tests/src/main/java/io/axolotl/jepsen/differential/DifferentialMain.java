package io.axolotl.jepsen.differential;

import io.axolotl.client.transport.NettyTransport;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code axolotl differential}. Exits with 0 if both servers said the same throughout, 2 if not, 1 if it could not be run. */
@Command(
        name = "axolotl differential",
        description = {
            "Starts an etcd and an Axolotl of one member each, sends both the same random calls, and compares every answer and",
            "every error and every event, ids aside. A difference is printed as the shortest row of calls that shows it. Needs etcd on the PATH."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class DifferentialMain implements Callable<Integer> {
    @Option(
            names = "--calls",
            paramLabel = "N",
            defaultValue = "10000",
            description = "how many calls at least (default ${DEFAULT-VALUE})")
    private long calls;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "what is sent follows from this; drawn from the clock if not given, and printed")
    private @Nullable Long seed;

    public static void main(String[] args) {
        NettyTransport.quietLogs();
        System.exit(new CommandLine(new DifferentialMain())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The comparison could not go on: " + failure.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() {
        if (!Target.ETCD.isInstalled()) {
            throw new IllegalStateException("etcd is not on the PATH (Debian: apt-get install etcd-server)");
        }
        long first = seed != null ? seed : System.currentTimeMillis();
        System.out.println("seed " + first + ", " + Text.count(calls) + " calls");
        long startNanos = System.nanoTime();
        Set<Feature> features = Feature.SERVED;
        Differential differential;
        try (TwoServers servers = new TwoServers()) {
            differential = new Differential(
                    new RemoteSide("etcd", servers.endpoint(Target.ETCD), features),
                    new RemoteSide("axolotl", servers.endpoint(Target.AXOLOTL), features),
                    features);
            differential.run(first, calls, found -> System.out.println("looking closer at " + found));
        }
        new TreeMap<>(differential.counts()).forEach((what, count) -> System.out.printf("%,12d  %s%n", count, what));
        differential.differences().forEach(difference -> System.out.println("DIFFERENT: " + difference));
        System.out.printf(
                "%s calls in %s, %s%n",
                Text.count(differential.calls()),
                Text.duration(System.nanoTime() - startNanos),
                Text.count(differential.differences().size(), "difference", "differences"));
        return differential.differences().isEmpty() ? 0 : 2;
    }
}
