package io.axolotl.jepsen.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults A16, D9 to D18: some inputs for every parser of bytes from outside, the same at each build. {@code ./axolotl fuzz} goes on
 * from here.
 */
@Timeout(120)
class FuzzTest {
    private static final long SEED = 20_261_121;
    private static final long INPUTS = 300;
    private static final long INPUTS_OF_SERVERS = 60;

    @TempDir
    private Path folder;

    private static Stream<DynamicTest> tests(List<FuzzTarget> targets, long inputs) {
        return targets.stream()
                .map(target -> DynamicTest.dynamicTest(target.name(), () -> {
                    List<Finding> findings = new ArrayList<>();
                    Fuzzer fuzzer = new Fuzzer(SEED, findings::add);
                    fuzzer.run(List.of(target), inputs, () -> true);
                    assertThat(findings.stream().map(Finding::report)).isEmpty();
                    Fuzzer.Tally tally = fuzzer.tallies().values().iterator().next();
                    assertThat(tally.executions()).isEqualTo(inputs);
                    assertThat(tally.accepted).as("inputs that were accepted").isPositive();
                }));
    }

    @TestFactory
    @DisplayName("files, frames, commands and settings are taken, or refused by name")
    Stream<DynamicTest> parsers() {
        List<FuzzTarget> targets = new ArrayList<>();
        targets.addAll(CommandTargets.all());
        targets.addAll(PeerTargets.all());
        targets.addAll(FolderTargets.all());
        targets.addAll(ConfigTargets.all(folder));
        return tests(targets, INPUTS);
    }

    @TestFactory
    @DisplayName("a server goes on serving, whatever is sent to its ports")
    Stream<DynamicTest> servers() throws InterruptedException {
        LiveServer server = new LiveServer(folder);
        List<FuzzTarget> targets = new ArrayList<>();
        targets.addAll(CallTargets.all(server));
        targets.addAll(SocketTarget.all(server));
        targets.add(new GatewayTarget(server));
        return tests(targets, INPUTS_OF_SERVERS).onClose(server::close);
    }
}
