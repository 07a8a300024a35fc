package io.axolotl.jepsen.clients;

import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.DataFolder;
import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.OwnNetwork;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code axolotl client-faults}. Exits with 0 if every promise was kept, 2 if one was not, 1 if the campaign could not be run.
 *
 * <p>Runs itself again inside an {@link OwnNetwork} where that is possible; else on loopback, where nobody can be cut off.
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

    @Mixin
    private DataFolder dataFolder = new DataFolder();

    @Mixin
    private OwnNetwork ownNetwork = new OwnNetwork();

    private List<String> words = List.of();

    public static void main(String[] args) {
        ClientFaultsMain main = new ClientFaultsMain();
        main.words = List.of(args);
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
        Optional<Integer> exit = ownNetwork.enter(ClientFaultsMain.class, words);
        if (exit.isPresent()) {
            return exit.get();
        }
        List<Hurt> possible = new ArrayList<>(hurts);
        if (!ownNetwork.isEnclosed() && possible.remove(Hurt.CUT)) {
            System.err.println("Skipped: nobody can be cut off on loopback");
        }
        Optional<NodeNetwork> network = ownNetwork.open(NODES);
        ProcessCluster.Builder builder = ProcessCluster.of(Target.AXOLOTL).size(NODES);
        network.ifPresent(own -> builder.places(own::place));
        dataFolder.use(builder);
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
