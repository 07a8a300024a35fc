package io.axolotl.jepsen.sizes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.jepsen.process.ServerJvm;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The instrument itself, on real processes and tiny sizes; {@code -Daxolotl.target=etcd} asks the same of a real etcd. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class SizesTest {
    @TempDir
    private Path folder;

    private int run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(ServerJvm.command(SizesMain.class.getName()));
        command.add("--report-dir=" + folder.resolve("report"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start()
                .waitFor();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }

    @Test
    void everyPartMeasuresAndFindsNothingWrong() throws Exception {
        int exitCode = run(
                "--systems=" + Target.chosen(),
                "--nodes=1",
                "--keys=2000",
                "--step=1000",
                "--reads=500",
                "--stream-keys=2000",
                "--repeats=1",
                "--watchers=50",
                "--streams=5",
                "--events-per-second=200",
                "--slow=20",
                "--fast=10",
                "--seconds=1",
                "--warm-up-seconds=0");
        assertThat(exitCode).as(output()).isZero();
        JsonObject report = JsonParser.parseString(Files.readString(folder.resolve("report/report.json")))
                .getAsJsonObject();
        JsonObject keys = report.getAsJsonArray("keys").get(0).getAsJsonObject();
        assertThat(keys.getAsJsonArray("curve")).hasSize(3);
        assertThat(keys.getAsJsonObject("afterReads").get("residentBytes").getAsLong())
                .isPositive();
        assertThat(report.getAsJsonArray("stream")).hasSize(StreamPart.Way.values().length);
        assertThat(report.getAsJsonArray("watchers"))
                .allSatisfy(shape -> assertThat(shape.getAsJsonObject()
                                .getAsJsonObject("verdict")
                                .get("received")
                                .getAsLong())
                        .isGreaterThanOrEqualTo(200));
        JsonObject slow = report.getAsJsonArray("slow").get(0).getAsJsonObject();
        // Two watch each range: more than the second 200 changes can give them is also from while they did not read.
        assertThat(slow.getAsJsonObject("slowVerdict").get("received").getAsLong())
                .isGreaterThan(400);
        assertThat(folder.resolve("report/data")).doesNotExist();
    }

    @Test
    void whatCouldNotBeMeasuredIsNamedAndFailsTheCommand() throws Exception {
        int exitCode = SizesMain.commandLine()
                .execute(
                        "--report-dir=" + folder.resolve("report"),
                        "--only=stream",
                        "--systems=AXOLOTL",
                        "--nodes=1",
                        "--heap=1m");
        assertThat(exitCode).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("report/report.md")))
                .contains("Not measured: stream of axolotl: n1 ended with exit code 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--keys=0",
                "--streams=20000",
                "--puts-per-txn=129",
                "--heap=much",
                "--only=colours",
                "--systems=FLOOR",
                "--seconds=0"
            })
    void whatCannotBeIsRefusedByName(String word) {
        StringWriter said = new StringWriter();
        int exitCode = SizesMain.commandLine()
                .setErr(new PrintWriter(said))
                .execute("--report-dir=" + folder.resolve("report"), word);
        assertThat(exitCode).isEqualTo(2);
        assertThat(said.toString())
                .contains(word.substring(0, word.indexOf('=')))
                .contains("Usage");
        assertThat(folder.resolve("report")).doesNotExist();
    }
}
