package io.axolotl.jepsen.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** Drawn by chance, and so only as long as inputs are drawn as they were; the faults have tests of their own where they were. */
    @TestFactory
    @DisplayName("inputs that have found a fault once find none any more")
    Stream<DynamicTest> foundOnce() {
        Map<String, List<Long>> inputs = Map.of(
                "archive", List.of(33_161L),
                "identity", List.of(75_105L),
                "known-stores", List.of(12_540L),
                "wal", List.of(40_770L, 41_365L, 75_832L),
                "wal-salvage", List.of(7_095L));
        return FolderTargets.all().stream()
                .filter(target -> inputs.containsKey(target.name()))
                .map(target -> DynamicTest.dynamicTest(target.name(), () -> {
                    List<Finding> findings = new ArrayList<>();
                    Fuzzer fuzzer = new Fuzzer(20_261_122, findings::add);
                    inputs.getOrDefault(target.name(), List.of()).forEach(number -> fuzzer.feed(target, number));
                    assertThat(findings.stream().map(Finding::report)).isEmpty();
                }));
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
