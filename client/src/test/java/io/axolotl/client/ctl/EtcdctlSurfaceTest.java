package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every command of etcdctl 3.4, and every flag of it with its standard value, is one of ours too; or it stands below, and in the
 * documentation with the reason.
 */
@Timeout(60)
@DisplayName("ctl has every command and flag of etcdctl")
final class EtcdctlSurfaceTest {
    private static final Path DOCUMENTATION = Path.of("../docs/etcd-compatibility.md");

    /** A line of a list of commands: words, tabs, what it does. */
    private static final Pattern COMMAND = Pattern.compile("\t([a-z][a-z -]*[a-z])\t+\\S.*");

    /** A line of a list of flags: perhaps a letter, the name, the standard value. */
    private static final Pattern FLAG = Pattern.compile(" +(?:-(\\w), )?--([\\w-]+)(?:=(\\S+)|\\[=(\\S+)])\t.*");

    /** What is otherwise, and the words under which the documentation tells why. */
    private static final Map<String, String> DIFFERENCES = Map.of(
            "completion bash", "`completion`",
            "completion fish", "`completion`",
            "completion powershell", "`completion`",
            "completion zsh", "`completion`",
            "--keepalive-time=10s", "`--keepalive-time`",
            "migrate --data-dir", "`migrate`",
            "migrate --no-ttl", "`migrate`",
            "migrate --transformer", "`migrate`",
            "migrate --wal-dir", "`migrate`");

    @Test
    void theirCommandsAndFlagsAreOurs() throws Exception {
        Optional<Path> etcdctl = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "etcdctl"))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(etcdctl.isPresent(), "skipped: etcdctl is not on the PATH (Debian: apt-get install etcd-client)");
        List<String> top = help(etcdctl.get());
        List<String> commands = top.stream()
                .map(COMMAND::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(1))
                .toList();
        assertThat(commands).hasSizeGreaterThan(50).contains("get", "endpoint status");

        CommandSpec ours = CtlMain.commandSpec();
        List<String> differences = new ArrayList<>(compare("", flags(top), ours));
        differences.addAll(commands.parallelStream()
                .flatMap(command -> compare(etcdctl.get(), command, find(ours, command)).stream())
                .toList());
        assertThat(new TreeSet<>(differences)).isEqualTo(new TreeSet<>(DIFFERENCES.keySet()));
        String documentation = Files.readString(DOCUMENTATION);
        assertThat(DIFFERENCES.values())
                .allSatisfy(words -> assertThat(documentation).contains(words));
        String table = documentation.substring(documentation.indexOf("| Command | `axolotl ctl` | Forms |"));
        assertThat(commands)
                .as("commands in the table of %s", DOCUMENTATION)
                .allSatisfy(command -> assertThat(table).contains("`" + command + "`"));
    }

    private static List<String> compare(Path etcdctl, String command, @Nullable CommandSpec ours) {
        if (ours == null) {
            return List.of(command);
        }
        if (isOffline(command)) {
            return List.of();
        }
        List<String> own = help(etcdctl, command.split(" "));
        return compare(command + " ", flags(own.subList(0, endOfOwnFlags(own))), ours);
    }

    /** Done by another program, with flags of its own. */
    private static boolean isOffline(String command) {
        return command.equals("snapshot restore") || command.equals("snapshot status");
    }

    private static int endOfOwnFlags(List<String> help) {
        int global = help.indexOf("GLOBAL OPTIONS:");
        return global < 0 ? help.size() : global;
    }

    private static List<String> compare(String prefix, Map<String, Flag> theirs, CommandSpec ours) {
        List<String> differences = new ArrayList<>();
        theirs.forEach((name, flag) -> {
            OptionSpec option = ours.findOption("--" + name);
            if (option == null) {
                differences.add(prefix + "--" + name);
                return;
            }
            if (!flag.letter.isEmpty() && !Arrays.asList(option.names()).contains("-" + flag.letter)) {
                differences.add(prefix + "-" + flag.letter);
            }
            String standard = option.defaultValue() == null ? "" : option.defaultValue();
            if (!flag.standard.equals(nothing(standard))) {
                differences.add(prefix + "--" + name + "=" + standard);
            }
        });
        return differences;
    }

    /** One of theirs. */
    private record Flag(String letter, String standard) {}

    private static Map<String, Flag> flags(List<String> help) {
        Map<String, Flag> flags = new TreeMap<>();
        for (String line : help) {
            Matcher flag = FLAG.matcher(line);
            if (flag.matches()) {
                String letter = flag.group(1) == null ? "" : flag.group(1);
                String standard = flag.group(3) == null ? flag.group(4) : flag.group(3);
                flags.put(flag.group(2), new Flag(letter, nothing(standard.replaceAll("[\"\\[\\]]", ""))));
            }
        }
        assertThat(flags).as(String.join("\n", help)).containsKey("help");
        return flags;
    }

    /** What a flag means that is not given. */
    private static String nothing(String standard) {
        return standard.equals("0") || standard.equals("false") ? "" : standard;
    }

    private static @Nullable CommandSpec find(CommandSpec root, String command) {
        CommandSpec found = root;
        for (String word : command.split(" ", -1)) {
            CommandLine next = found.subcommands().get(word);
            if (next == null) {
                return null;
            }
            found = next.getCommandSpec();
        }
        return found;
    }

    private static List<String> help(Path etcdctl, String... command) {
        List<String> line = new ArrayList<>(List.of(etcdctl.toString(), "help"));
        line.addAll(Arrays.asList(command));
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("ETCDCTL_API", "3");
        try {
            Process process = builder.redirectErrorStream(true).start();
            process.getOutputStream().close();
            String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.onExit().join().exitValue()).isZero();
            return help.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
