package io.axolotl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** What is left of a test that fails, and of one that does not: JUnit within JUnit. */
@Timeout(60)
class KeptAfterFailureTest {
    /** Run by the tests below alone: no class that Surefire looks for. */
    static class Users {
        static volatile Path folder = Path.of("");

        @RegisterExtension
        final AxolotlCluster cluster = AxolotlCluster.builder().build();

        @Test
        void fails() {
            folder = cluster.folder();
            cluster.client().kv().put("k", "v").await();
            fail("planted");
        }

        @Test
        void passes() {
            folder = cluster.folder();
            cluster.client().kv().put("k", "v").await();
        }
    }

    /** @return what was printed */
    private static String run(String method, long expectedFailures) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(Users.class, method))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        PrintStream before = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            LauncherFactory.create().execute(request, listener);
        } finally {
            System.setErr(before);
        }
        assertThat(listener.getSummary().getTestsStartedCount()).isEqualTo(1);
        assertThat(listener.getSummary().getTestsFailedCount()).isEqualTo(expectedFailures);
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aFailedTestSaysWhereItsDataAndItsLogAre() throws IOException {
        String printed = run("fails", 1);
        Path folder = Users.folder;
        try {
            assertThat(printed)
                    .contains(
                            "fails() has failed", folder.resolve("cluster.log").toString());
            assertThat(folder.resolve("cluster.log")).content().contains("node 1 runs, for clients at");
            assertThat(folder.resolve("n1")).isNotEmptyDirectory();
        } finally {
            List<Path> all;
            try (Stream<Path> found = Files.walk(folder)) {
                all = found.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path each : all) {
                Files.delete(each);
            }
        }
    }

    @Test
    void aTestThatPassesLeavesNothing() {
        assertThat(run("passes", 0)).doesNotContain("Axolotl test kit");
        assertThat(Users.folder).doesNotExist();
    }
}
