package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.workload.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * For which tiers what the map of docs/testing.md names stands. Told from where a test lies and what it starts, not from what the map says
 * of it; docs/testing.md tells the rule. Immutable.
 *
 * @param byName of test classes, of scenarios, and of {@code Fault.KIND} for what the simulator does
 */
record TestTiers(Map<String, Set<Tier>> byName) {
    /** Who names one of these starts servers as processes, or a tool that does. */
    private static final Pattern PROCESSES = Pattern.compile(
            "\\b(?:ProcessCluster|ServerProcess|ServerJvm|BothServers|TwoServers|AskedOfBoth)\\b|\\bServerMain\\.class");

    /** Who names one of these runs a cluster by hand, without threads and clocks, or cuts the power of a simulated disk. */
    private static final Pattern BY_HAND =
            Pattern.compile("\\b(?:ScenarioCluster|HandRunCluster|SimulatedNode|SimulatedCrash)\\b");

    private static final Pattern SIMULATED_FAULT = Pattern.compile("^ {4}([A-Z_]+)[,;]$", Pattern.MULTILINE);

    /** Before the name of a fault or a workload. */
    private static final String CHAOS = "chaos ";

    private static final Path SIMULATOR = Path.of("jepsen-tests/src/main/java/io/axolotl/jepsen/simulation/Fault.java");

    TestTiers {
        byName = Map.copyOf(byName);
    }

    /** @param home the project's folder */
    static TestTiers of(Path home) {
        Map<String, Set<Tier>> byName = new TreeMap<>();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.map(home::relativize).sorted().toList()) {
                String path = file.toString().replace('\\', '/');
                if (path.contains("/src/test/") && path.matches(".*(?:Test|Properties)\\.java|.*\\.scenario")) {
                    String name = file.getFileName().toString().replaceFirst("\\.\\w+$", "");
                    Set<Tier> tiers = tiers(path, Files.readString(home.resolve(file)));
                    byName.merge(name, tiers, TestTiers::both);
                }
            }
            Matcher kind = SIMULATED_FAULT.matcher(Files.readString(home.resolve(SIMULATOR)));
            while (kind.find()) {
                byName.put("Fault." + kind.group(1), EnumSet.of(Tier.S));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the tests below " + home, e);
        }
        return new TestTiers(byName);
    }

    /** Who reads a name that two classes have does not know which is meant: it stands for what both do. */
    private static Set<Tier> both(Set<Tier> one, Set<Tier> other) {
        Set<Tier> common = EnumSet.copyOf(one);
        common.retainAll(other);
        return common;
    }

    /** @param path below the project's folder */
    static Set<Tier> tiers(String path, String source) {
        if (path.endsWith(".scenario") || path.matches("jepsen-tests/.*/simulation/.*")) {
            return EnumSet.of(Tier.S);
        }
        if (PROCESSES.matcher(source).find()) {
            return EnumSet.of(Tier.J);
        }
        return path.contains("/raft/model/") || BY_HAND.matcher(source).find()
                ? EnumSet.of(Tier.U, Tier.S)
                : EnumSet.of(Tier.U);
    }

    /**
     * @param name of a test class, a scenario, {@code Fault.KIND}, or {@code chaos NAME} for a fault or a workload of {@code axolotl chaos}
     * @param id of the entry that it is to stand for
     * @return false if nobody has such a name, or if that fault does not say that it stands for the entry
     */
    boolean knows(String name, String id) {
        if (!name.startsWith(CHAOS)) {
            return byName.containsKey(name);
        }
        String played = name.substring(CHAOS.length());
        return Workloads.names().contains(played)
                || (Faults.names().contains(played)
                        && Faults.named(played).catalogue().contains(id));
    }

    /** Of a name that is known. */
    Set<Tier> of(String name) {
        return name.startsWith(CHAOS) ? Set.of(Tier.J) : byName.getOrDefault(name, Set.of());
    }
}
