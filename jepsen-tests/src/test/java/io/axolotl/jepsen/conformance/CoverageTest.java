package io.axolotl.jepsen.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every rule of the contract is tested here, or listed with the reason why it is not. */
final class CoverageTest {
    /** Rules by id, with the reason why they have no test here; empty if they must have one. */
    private static Map<String, String> rules() {
        Map<String, String> rules = new TreeMap<>();
        try (InputStream in = CoverageTest.class.getResourceAsStream("rules.txt")) {
            assertThat(in).isNotNull();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] parts = line.split("\\s+", 2);
                    assertThat(rules.put(parts[0], parts.length == 1 ? "" : parts[1]))
                            .as("%s is listed twice", parts[0])
                            .isNull();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rules;
    }

    private static List<Contract> contracts() {
        List<Contract> contracts = new ArrayList<>();
        try {
            Path folder = Path.of(
                            CoverageTest.class.getResource("CoverageTest.class").toURI())
                    .getParent();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith("Test.class")) {
                        Class<?> tests = Class.forName(
                                CoverageTest.class.getPackageName() + "." + name.substring(0, name.length() - 6));
                        for (Method method : tests.getDeclaredMethods()) {
                            Contract contract = method.getAnnotation(Contract.class);
                            if (contract != null) {
                                contracts.add(contract);
                            }
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException | ClassNotFoundException e) {
            throw new AssertionError("the tests cannot be found", e);
        }
        return contracts;
    }

    @Test
    void everyRuleIsTestedOrSaysWhyNot() {
        Set<String> tested = new TreeSet<>();
        contracts().forEach(contract -> tested.addAll(List.of(contract.value())));
        Map<String, String> rules = rules();
        assertThat(rules.keySet()).as("tests name only rules that are listed").containsAll(tested);
        Set<String> due = new TreeSet<>();
        rules.forEach((rule, reason) -> {
            if (reason.isEmpty()) {
                due.add(rule);
            }
        });
        assertThat(tested)
                .as("rules without a reason have a test, and no others")
                .isEqualTo(due);
    }

    @Test
    void everyErrorIsProvokedOrSaysWhyNot() {
        Set<ContractError> provoked = EnumSet.noneOf(ContractError.class);
        contracts().forEach(contract -> provoked.addAll(List.of(contract.errors())));
        Set<ContractError> due = EnumSet.noneOf(ContractError.class);
        for (ContractError error : ContractError.values()) {
            if (error.untested().isEmpty()) {
                due.add(error);
            }
        }
        assertThat(provoked).isEqualTo(due);
    }

    @Test
    void knownDifferencesNameRulesThatAreTested() {
        Map<String, String> rules = rules();
        assertThat(Arrays.stream(KnownDifference.values()).map(KnownDifference::rule))
                .allSatisfy(rule -> assertThat(rules).containsEntry(rule, ""));
    }
}
