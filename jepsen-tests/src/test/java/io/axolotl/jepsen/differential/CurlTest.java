package io.axolotl.jepsen.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.axolotl.jepsen.differential.GatewayDifferentialTest.Gate;
import io.axolotl.jepsen.process.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * F.4 as scripts use it: the same command lines of curl to etcd and to Axolotl, and the same answers. What curl does by itself
 * is part of it: a form's content type, {@code Expect} before large bodies, bodies whose length is not known.
 */
@ExtendWith(BothServers.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CurlTest {
    private static final String KEY = base64("curl/a");

    @TempDir
    private Path folder = Path.of("");

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void needsBoth() {
        assumeTrue(Target.ETCD.isInstalled(), "etcd is not installed (Debian: apt-get install etcd-server)");
        assumeTrue(Target.onPath("curl"), "curl is not installed (Debian: apt-get install curl)");
    }

    private static Process curl(Gate gate, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--max-time", "30"));
        arguments.forEach(word -> command.add(word.replace("$URL", gate.url())));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Exit code, lines, status and content type; what must differ is put aside: 412 became 400 in etcd 3.6 (contract F.4). */
    private static String said(Gate gate, List<String> arguments) throws Exception {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--write-out", "\\n%{http_code} %{content_type}\\n"));
        Process process = curl(gate, all);
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + "\n"
                + out.lines()
                        .map(line -> line.startsWith("{")
                                ? gate.comparable(JsonParser.parseString(line)).toString()
                                : line)
                        .map(line -> line.replaceFirst("^412 ", "400 "))
                        .collect(Collectors.joining("\n"));
    }

    private static void assertSame(Gate etcd, Gate axolotl, String... arguments) throws Exception {
        assertThat(said(axolotl, Arrays.asList(arguments)))
                .as("curl %s", String.join(" ", arguments))
                .isEqualTo(said(etcd, Arrays.asList(arguments)));
    }

    @Test
    @DisplayName("F.4: what scripts ask by curl is answered as by etcd")
    void scriptsGetTheSameAnswers(TwoServers servers) throws Exception {
        Gate etcd = Gate.of(servers.clientUrl(Target.ETCD));
        Gate axolotl = Gate.of(servers.clientUrl(Target.AXOLOTL));
        String put = "{\"key\":\"" + KEY + "\",\"value\":\"" + base64("1") + "\",\"prev_kv\":true}";
        String get = "{\"key\":\"" + KEY + "\"}";
        // More than a mebibyte: curl asks first whether it is wanted.
        Path large = Files.writeString(
                folder.resolve("large.json"), "{\"key\":\"" + KEY + "\",\"value\":\"" + "QUFB".repeat(300_000) + "\"}");

        assertSame(etcd, axolotl, "--data", put, "$URL/v3/kv/put");
        assertSame(etcd, axolotl, "--location", "$URL/v3/kv/put", "--request", "POST", "--data", put);
        assertSame(etcd, axolotl, "--json", get, "$URL/v3/kv/range");
        assertSame(etcd, axolotl, "--compressed", "--http1.0", "--data", get, "$URL/v3beta/kv/range");
        assertSame(etcd, axolotl, "--header", "Transfer-Encoding: chunked", "--data", get, "$URL/v3/kv/range");
        assertSame(etcd, axolotl, "--data-binary", "@" + large, "$URL/v3/kv/put");
        assertSame(
                etcd,
                axolotl,
                "--data",
                "{\"compare\":[{\"key\":\"" + KEY + "\",\"target\":\"CREATE\",\"createRevision\":\"0\"}],"
                        + "\"failure\":[{\"requestDeleteRange\":" + get + "}]}",
                "$URL/v3/kv/txn");
        assertSame(etcd, axolotl, "--data", get, "$URL/v3/kv/range", "--data", get, "$URL/v3/kv/range");
        assertSame(etcd, axolotl, "--data", "{}", "$URL/v3/auth/user/list");
        assertSame(etcd, axolotl, "--data", "{\"name\":\"root\",\"password\":\"x\"}", "$URL/v3/auth/authenticate");
        assertSame(etcd, axolotl, "--data", "{\"key\":", "$URL/v3/kv/nothing");
        assertSame(etcd, axolotl, "$URL/v3/kv/range");
        assertSame(etcd, axolotl, "--fail", "--data", "{}", "$URL/v3/kv/lease/revoke");
    }

    @Test
    @DisplayName("F.4: curl --no-buffer sees each message of a watch when it is sent")
    void aWatchIsSeenAsItHappens(TwoServers servers) throws Exception {
        assertThat(watched(Gate.of(servers.clientUrl(Target.AXOLOTL))))
                .isEqualTo(watched(Gate.of(servers.clientUrl(Target.ETCD))));
    }

    /** A watch's first lines: that it was created, then two changes, each made when the line before has come. */
    private static List<String> watched(Gate gate) throws Exception {
        String watch = "{\"create_request\":{\"key\":\"" + KEY + "\"}}";
        Process process = curl(gate, List.of("--no-buffer", "--data", watch, "$URL/v3/watch"));
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < 3; i++) {
                if (i > 0) {
                    String put = "{\"key\":\"" + KEY + "\",\"value\":\"" + base64("w" + i) + "\"}";
                    assertThat(said(gate, List.of("--data", put, "$URL/v3/kv/put")))
                            .endsWith("200 application/json");
                }
                String line = out.readLine();
                assertThat(line).isNotNull();
                lines.add(gate.comparable(JsonParser.parseString(line)).toString());
            }
        } finally {
            process.destroy();
        }
        // How often the key was put before is of other tests.
        return lines.stream()
                .map(line -> line.replaceAll("\"(create_revision|version)\":\"?-?\\d+\"?", "\"$1\":N"))
                .toList();
    }
}
