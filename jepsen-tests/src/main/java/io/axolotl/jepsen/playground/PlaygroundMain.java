package io.axolotl.jepsen.playground;

import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code axolotl playground}. */
@Command(
        name = "axolotl playground",
        description = "Starts a cluster on 127.0.0.1 and runs it until Ctrl-C.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class PlaygroundMain implements Callable<Integer> {
    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "1, 3 or 5 (default ${DEFAULT-VALUE})")
    private int nodes;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description = "keep the data here; by default it goes to a temporary folder that is removed at the end")
    private @Nullable Path dataFolder;

    @Option(
            names = "--port-offset",
            paramLabel = "N",
            defaultValue = "0",
            description = "added to all ports, for a second playground (default ${DEFAULT-VALUE})")
    private int portOffset;

    @Option(names = "--target", hidden = true, defaultValue = "AXOLOTL")
    private Target target = Target.AXOLOTL;

    @Spec
    private @Nullable CommandSpec spec;

    public static void main(String[] args) {
        System.exit(new CommandLine(new PlaygroundMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() {
        if (!List.of(1, 3, 5).contains(nodes)) {
            throw new ParameterException(
                    java.util.Objects.requireNonNull(spec).commandLine(),
                    "--nodes " + nodes
                            + " is not 1, 3 or 5: an even number of nodes survives no more failures than one fewer");
        }
        Playground playground = new Playground(target, nodes, portOffset, Optional.ofNullable(dataFolder));
        Optional<String> busy = playground.busyPorts();
        if (busy.isPresent()) {
            System.err.println(busy.get());
            return 1;
        }
        try {
            playground.run();
            return 0;
        } catch (Await.TooLateException e) {
            System.err.println("The playground did not come up: " + e.getMessage());
            return 1;
        }
    }
}
