package io.axolotl.jepsen.clients;

import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Children;
import io.axolotl.jepsen.process.Enclosure;
import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code axolotl client-faults}. Exits with 0 if every promise was kept, 2 if one was not, 1 if the campaign could not be run.
 *
 * <p>Runs itself again inside an {@link Enclosure} where that is possible; else on loopback, where nobody can be cut off.
 */
@Command(
        name = "axolotl client-faults",
        description = {
            "Starts three servers on this machine and lets the Java client count, watch and lock on them, while members are",
            "killed, paused, cut off from each other and asked to hand leadership over, again and again. No write may be lost or",
            "executed twice or end as unknown, no event of a watch may be missed or come twice, no lock may be held by two.",
            "Exits with 2 if something of the kind was seen.",
            "",
            "Cutting a node off needs Linux network namespaces (root, or a kernel that gives them to everybody)."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ClientFaultsMain implements Callable<Integer> {
    private static final int NODES = 3;
    private static final Duration START_BOUND = Duration.ofMinutes(2);

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "10",
            description = "how long members are hurt (default ${DEFAULT-VALUE})")
    private double minutes;

    @Option(
            names = "--hurts",
            split = ",",
            paramLabel = "HURT",
            defaultValue = "KILL,PAUSE,CUT,MOVE",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}); each comes once at least")
    private List<Hurt> hurts = List.of();

    @Option(
            names = "--hold-millis",
            paramLabel = "MS",
            defaultValue = "3000",
            description = "how long a fault lasts at most (default ${DEFAULT-VALUE})")
    private long holdMillis;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description =
                    "where the servers keep their data, which is removed. A temporary folder by default: see that it is on"
                            + " a real disk")
    private @Nullable Path dataFolder;

    @Option(names = "--in-place", description = "on loopback, without a network of its own")
    private boolean isInPlace;

    @Option(names = "--enclosed", hidden = true)
    private boolean isEnclosed;

    private String[] words = {};

    public static void main(String[] args) {
        ClientFaultsMain main = new ClientFaultsMain();
        main.words = args.clone();
        System.exit(new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The campaign could not go on: " + failure.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() {
        if (!isEnclosed && !isInPlace) {
            Optional<String> obstacle = Enclosure.obstacle();
            if (obstacle.isEmpty()) {
                List<String> inside = new ArrayList<>(List.of(words));
                inside.add("--enclosed");
                return Enclosure.run(ClientFaultsMain.class, inside);
            }
            System.err.println("Without a network of its own: " + obstacle.get());
        }
        if (isEnclosed) {
            Enclosure.endWithOutside();
        }
        List<Hurt> possible = new ArrayList<>(hurts);
        if (!isEnclosed && possible.remove(Hurt.CUT)) {
            System.err.println("Skipped: nobody can be cut off on loopback");
        }
        Optional<NodeNetwork> network = isEnclosed ? Optional.of(NodeNetwork.of(NODES)) : Optional.empty();
        ProcessCluster.Builder builder = ProcessCluster.of(Target.AXOLOTL).size(NODES);
        network.ifPresent(own -> builder.places(own::place));
        if (dataFolder != null) {
            Path data = dataFolder.toAbsolutePath();
            ProcessCluster.delete(data);
            builder.root(data);
            Children.afterKilling(() -> ProcessCluster.delete(data));
        }
        try (ProcessCluster cluster = builder.build()) {
            cluster.start(START_BOUND);
            return campaign(possible, new Hurt.Scene(cluster, network));
        } finally {
            network.ifPresent(NodeNetwork::close);
        }
    }

    private int campaign(List<Hurt> possible, Hurt.Scene scene) {
        FaultCampaign.Plan plan = new FaultCampaign.Plan(possible, (long) (minutes * 60e9), holdMillis);
        try (FaultCampaign campaign = new FaultCampaign(plan, scene)) {
            try {
                campaign.run(System.err::println);
            } catch (Await.TooLateException e) {
                System.out.print(campaign.report());
                throw e;
            }
            System.out.print(campaign.report());
            return campaign.violations().isEmpty() ? 0 : 2;
        }
    }
}
