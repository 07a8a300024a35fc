package io.axolotl.jepsen.fuzz;

import io.axolotl.server.config.ConfigException;
import io.axolotl.server.config.ServerConfigReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an operator writes: flags, the environment, a file. */
final class ConfigTargets {
    private static final int MAX_WORDS = 500;

    private static final Pattern FLAG = Pattern.compile("--[a-z][a-z-]+");
    private static final List<String> WORDS = List.of(
            "=",
            "true",
            "false",
            "-1",
            "0",
            "9223372036854775807",
            "1h30m",
            "http://",
            "https://127.0.0.1:0",
            "n1=",
            "@/",
            "${",
            "[::1]",
            ",",
            ":",
            "%s",
            "periodic",
            "unix://",
            "\u00e4",
            "1e9",
            "0x10",
            "\"",
            "'");

    /** YAML for more than our settings: aliases, tags, documents, folded text, deep lists. */
    private static final List<String> YAML_WORDS = List.of(
            "&a ",
            "*a",
            "!!",
            "!<tag:yaml.org,2002:int> ",
            "---\n",
            "...\n",
            "? ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "|\n",
            ">\n",
            "%YAML 1.2\n",
            "\"\\0\"",
            "\"\\ud800\"",
            "<<: *a\n",
            "\t",
            "[[[[[[[[",
            "{{{{{{{{",
            "- - - - - - ",
            "&a [*a,*a]");

    private final ServerConfigReader reader = new ServerConfigReader("fuzz");
    private final List<String> flags;
    private final Path file;

    private ConfigTargets(Path folder) {
        this.file = folder.resolve("config.yaml");
        TreeSet<String> found = new TreeSet<>();
        if (reader.read(List.of("--help"), Map.of()) instanceof ServerConfigReader.Request.Print help) {
            Matcher each = FLAG.matcher(help.text());
            while (each.find()) {
                found.add(each.group());
            }
        }
        this.flags = List.copyOf(found);
    }

    /** @param folder where a file may be written */
    static List<FuzzTarget> all(Path folder) {
        ConfigTargets targets = new ConfigTargets(folder);
        List<byte[]> words = new ArrayList<>();
        WORDS.forEach(word -> words.add(bytes(word)));
        targets.flags.forEach(flag -> words.add(bytes("\n" + flag + "=")));
        List<byte[]> yaml = new ArrayList<>();
        WORDS.forEach(word -> yaml.add(bytes(word)));
        YAML_WORDS.forEach(word -> yaml.add(bytes(word)));
        targets.flags.forEach(flag -> yaml.add(bytes("\n" + flag.substring(2) + ": ")));
        Set<Class<? extends Throwable>> refusals = Set.of(ConfigException.class);
        return List.of(
                Parser.of("flags", random -> bytes(lines(random, "--", "=")), targets::readFlags, refusals)
                        .withTokens(words)
                        .withFixedBytes(32L << 20),
                Parser.of("environment", targets::variables, targets::readEnvironment, refusals)
                        .withTokens(words),
                Parser.of("yaml", random -> bytes(yaml(random)), targets::readYaml, refusals)
                        .withTokens(yaml)
                        .withFixedBytes(16L << 20));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    /** Settings that go together, some of them at random. */
    private static Map<String, String> settings(SplittableRandom random) {
        int port = 1 + random.nextInt(65_000);
        Map<String, String> out = new LinkedHashMap<>();
        out.put("name", "n1");
        out.put("data-dir", "/tmp/" + random.nextInt(99));
        out.put("listen-peer-urls", "http://127.0.0.1:" + port);
        out.put("initial-advertise-peer-urls", "http://127.0.0.1:" + port);
        out.put("initial-cluster", "n1=http://127.0.0.1:" + port + ",n2=http://127.0.0.1:" + (port + 1));
        if (random.nextBoolean()) {
            out.put("heartbeat-interval", "" + (1 + random.nextInt(100)));
            out.put("election-timeout", "" + (1_000 + random.nextInt(1_000)));
        }
        if (random.nextBoolean()) {
            out.put("max-txn-ops", "" + (1 + random.nextInt(999)));
        }
        if (random.nextBoolean()) {
            out.put("auto-compaction-retention", random.nextInt(99) + "h");
        }
        return out;
    }

    private static String lines(SplittableRandom random, String before, String between) {
        StringBuilder out = new StringBuilder();
        settings(random)
                .forEach((key, value) -> out.append(before)
                        .append(key)
                        .append(between)
                        .append(value)
                        .append('\n'));
        return out.toString();
    }

    private static String yaml(SplittableRandom random) {
        StringBuilder out = new StringBuilder();
        settings(random).forEach((key, value) -> {
            boolean isText = value.chars().anyMatch(c -> c < '0' || c > '9');
            out.append(key).append(": ").append(isText ? "\"" + value + "\"" : value);
            out.append('\n');
        });
        return out.toString();
    }

    private byte[] variables(SplittableRandom random) {
        StringBuilder out = new StringBuilder();
        settings(random)
                .forEach((key, value) -> out.append(random.nextBoolean() ? "ETCD_" : "AXOLOTL_")
                        .append(key.toUpperCase(Locale.ROOT).replace('-', '_'))
                        .append('=')
                        .append(value)
                        .append('\n'));
        return bytes(out.toString());
    }

    /** No operating system passes a zero in an argument or a variable. */
    private static List<String> passable(byte[] input) {
        return text(input)
                .lines()
                .map(line -> line.replace("\0", ""))
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private void readFlags(byte[] input) {
        // What the library does with words that it does not know grows with the square of their number.
        List<String> words = passable(input);
        ServerConfigReader.Request unused = reader.read(words.subList(0, Math.min(MAX_WORDS, words.size())), Map.of());
    }

    private void readEnvironment(byte[] input) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String line : passable(input)) {
            int at = line.indexOf('=');
            if (at > 0) {
                environment.put(line.substring(0, at), line.substring(at + 1));
            }
        }
        ServerConfigReader.Request unused = reader.read(List.of(), environment);
    }

    private void readYaml(byte[] input) throws IOException {
        Files.write(file, input);
        ServerConfigReader.Request unused = reader.read(List.of("--config-file=" + file), Map.of());
    }
}
