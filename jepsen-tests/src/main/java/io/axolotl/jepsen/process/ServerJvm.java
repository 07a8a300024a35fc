package io.axolotl.jepsen.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a Java server of this project is started: this JVM's {@code java}, this JVM's class path without test classes, and the
 * options that the launcher uses too ({@code server-jvm.options}), and the class archive with RocksDB's library if they are there.
 */
public final class ServerJvm {
    static final String SERVER_MAIN = "io.axolotl.server.ServerMain";

    private static final String OPTIONS = "server-jvm.options";

    private ServerJvm() {}

    /** The command line that runs a main class, up to its own arguments. */
    public static List<String> command(String mainClass) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options());
        String extra = Optional.ofNullable(System.getenv("AXOLOTL_JAVA_OPTS")).orElse("");
        if (!extra.contains("GC") && Runtime.getRuntime().availableProcessors() <= 2) {
            command.add("-XX:+UseSerialGC");
        }
        Arrays.stream(extra.split("\\s+", -1)).filter(word -> !word.isEmpty()).forEach(command::add);
        String classPath = classPath(mainClass);
        ClassArchive.usableWith(classPath).ifPresent(archive -> {
            command.add("-XX:SharedArchiveFile=" + archive);
            // Java 25 complains at each start that its own archive knew nothing of the native code that we allow.
            command.add("-Xlog:cds=off");
            command.add("-Daxolotl.native=" + ClassArchive.libraries());
        });
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        return command;
    }

    private static List<String> options() {
        try (InputStream in = ServerJvm.class.getResourceAsStream(OPTIONS)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the build is incomplete: resource " + OPTIONS + " is missing; build again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + OPTIONS, e);
        }
    }

    /** Without what only tests need, and for a server without the harness: what is left are jars, unless they are not built yet. */
    static String classPath(String mainClass) {
        String harness = mainClass.startsWith("io.axolotl.server.")
                ? "jepsen-tests" + File.separator + "target"
                : "test-classes";
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            File file = new File(entry).getAbsoluteFile();
            boolean isOfTests = entry.endsWith("test-classes") || entry.endsWith("-tests.jar");
            if (!isOfTests && !(file.isDirectory() && file.getPath().contains(harness))) {
                entries.add(file.getPath());
            }
        }
        return String.join(File.pathSeparator, entries);
    }
}
