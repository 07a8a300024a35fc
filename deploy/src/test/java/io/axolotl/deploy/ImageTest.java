package io.axolotl.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.transport.LoopbackPorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The container image, run as a container engine runs it but for the engine: its layers as the root folder, process 1 of a
 * process space of its own. Skipped unless the image was built ({@code mvn -Prelease}) and the tests run as root.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ImageTest {
    @TempDir
    static Path folder;

    private static JsonObject container = new JsonObject();
    private static Path root = Path.of("");

    @BeforeAll
    static void unpack() throws Exception {
        Path image = Path.of(System.getProperty("axolotl.image"));
        assumeTrue(Files.exists(image), "the image is made by mvn -Prelease only");
        Path parts = Files.createDirectories(folder.resolve("parts"));
        run("tar", "-xf", image.toString(), "-C", parts.toString());
        JsonObject manifest =
                json(parts.resolve("manifest.json")).getAsJsonArray().get(0).getAsJsonObject();
        assertThat(manifest.get("RepoTags").getAsJsonArray().get(0).getAsString())
                .startsWith("axolotl:");
        container = json(parts.resolve(manifest.get("Config").getAsString()))
                .getAsJsonObject()
                .getAsJsonObject("config");
        root = Files.createDirectories(folder.resolve("root"));
        for (JsonElement layer : manifest.getAsJsonArray("Layers")) {
            run("tar", "-xzf", parts.resolve(layer.getAsString()).toString(), "-C", root.toString());
        }
    }

    private static JsonElement json(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file));
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    @Test
    void itRunsAsNobodyAndHoldsNoShell() {
        assertThat(container.get("User").getAsString()).isEqualTo("65532:65532");
        assertThat(container.getAsJsonObject("ExposedPorts").keySet())
                .containsExactlyInAnyOrder("2379/tcp", "2380/tcp");
        assertThat(container.getAsJsonObject("Volumes").keySet()).containsExactly("/var/lib/etcd");
        for (String shell : List.of("bin/sh", "usr/bin/sh", "bin/bash")) {
            assertThat(root.resolve(shell)).doesNotExist();
        }
    }

    @Test
    @DisplayName("as process 1 with etcd's flags it serves, and SIGTERM ends it with 0")
    void itServesAsProcessOne() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "a root folder is changed by root only");
        String client = "http://127.0.0.1:" + LoopbackPorts.free();
        String peer = "http://127.0.0.1:" + LoopbackPorts.free();
        Files.createDirectories(root.resolve("proc"));
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--pid",
                "--fork",
                "--mount-proc=" + root.resolve("proc"),
                "chroot",
                "--userspec=" + container.get("User").getAsString(),
                root.toString()));
        container.getAsJsonArray("Entrypoint").forEach(word -> command.add(word.getAsString()));
        command.addAll(List.of(
                "--data-dir=/var/lib/etcd/data",
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        Process process = builder.start();
        try {
            BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
            List<String> said = new ArrayList<>();
            for (String line = err.readLine(); line != null; line = err.readLine()) {
                said.add(line);
                if (line.contains("ready to serve client requests")) {
                    break;
                }
            }
            assertThat(said).as(String.join("\n", said)).last().asString().contains("ready to serve client requests");
            try (AxolotlClient user = AxolotlClient.builder().endpoints(client).build()) {
                user.kv().put("greeting", "hello").await();
                assertThat(user.kv().get("greeting").await().kvs()).hasSize(1);
            }
            // The mount that the data folder is on cannot be seen from inside of the changed root.
            HttpResponse<String> metrics = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(client + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(metrics.body()).containsPattern("(?m)^axolotl_disk_free_bytes [1-9]");
            assertThat(process.children().findFirst().orElseThrow().destroy()).isTrue();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
