package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The rules in deploy/prometheus, by Prometheus's own tool. */
class PrometheusRulesTest {
    static final Path FOLDER = Path.of("..", "deploy", "prometheus");
    private static final String RULES = "axolotl.rules.yml";

    /** The names of all alerts. */
    static Set<String> alerts() throws IOException {
        Set<String> alerts = new TreeSet<>();
        for (Map<?, ?> group : list(yaml(FOLDER.resolve(RULES)), "groups")) {
            list(group, "rules").forEach(rule -> alerts.add((String) rule.get("alert")));
        }
        return alerts;
    }

    private static Map<?, ?> yaml(Path file) throws IOException {
        return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    }

    private static List<Map<?, ?>> list(Map<?, ?> of, String key) {
        List<Map<?, ?>> all = new ArrayList<>();
        ((List<?>) Objects.requireNonNull(of.get(key), key)).forEach(each -> all.add((Map<?, ?>) each));
        return all;
    }

    private static void promtool(String... words) {
        assumeTrue(Target.onPath("promtool"), "promtool is not installed (Debian: apt-get install prometheus)");
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(words));
        Command.Ended ended = Command.run(command, "");
        assertThat(ended.exitCode()).as(ended.output()).isZero();
    }

    @Test
    void theScrapeConfigurationAndTheRulesAreWellFormed() {
        promtool("check", "config", FOLDER.resolve("prometheus.yml").toString());
    }

    @Test
    void eachRuleFiresWhenItShouldAndIsSilentWhenItShouldBe() {
        promtool("test", "rules", FOLDER.resolve("tests/axolotl.rules.test.yml").toString());
    }

    @Test
    @DisplayName(
            "no alert is without a case in which it fires, one in which it is silent, and a paragraph for who is woken")
    void eachRuleIsTestedAndExplained() throws IOException {
        Set<String> firing = new TreeSet<>();
        Set<String> silent = new TreeSet<>();
        for (Map<?, ?> test : list(yaml(FOLDER.resolve("tests/axolotl.rules.test.yml")), "tests")) {
            for (Map<?, ?> expected : list(test, "alert_rule_test")) {
                boolean isFiring = !((List<?>) Objects.requireNonNull(expected.get("exp_alerts"))).isEmpty();
                (isFiring ? firing : silent).add((String) expected.get("alertname"));
            }
        }
        assertThat(firing).isEqualTo(alerts());
        assertThat(silent).isEqualTo(alerts());
        String guide = Files.readString(Path.of("..", "docs", "monitoring.md"));
        assertThat(alerts())
                .hasSizeGreaterThan(20)
                .allSatisfy(alert -> assertThat(guide).contains("### " + alert + "\n"));
    }
}
