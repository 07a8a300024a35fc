package io.axolotl.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reads the settings from the command line, the environment, or a file.
 */
public final class ServerConfigReader {
    private static final String CONFIG_FILE = "config-file";
    private static final List<String> PREFIXES = List.of("AXOLOTL_", "ETCD_");

    /** Variables with our prefixes that are not settings: the launcher's, and a switch of etcdctl that many images set. */
    private static final List<String> OTHER_VARIABLES = List.of("AXOLOTL_HOME", "AXOLOTL_JAVA_OPTS");

    /** What the command line asks for. */
    public sealed interface Request {
        /** @param warnings to be logged once logging is set up */
        record Start(ServerConfig config, List<String> warnings) implements Request {}

        /** @param text to be printed instead of starting */
        record Print(String text) implements Request {}
    }

    private final String version;

    /** @param version what {@code --version} prints */
    public ServerConfigReader(String version) {
        this.version = version;
    }

    /** @throws ConfigException if the server cannot be started so */
    public Request read(List<String> arguments, Map<String, String> environment) {
        CommandLine commandLine = new CommandLine(commandSpec());
        ParseResult flags = parse(commandLine, arguments);
        if (flags.hasMatchedOption("--help")) {
            return new Request.Print(commandLine.getUsageMessage());
        }
        if (flags.hasMatchedOption("--version")) {
            return new Request.Print(version);
        }
        Map<Setting, String> byFlag = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (flags.hasMatchedOption(setting.flag())) {
                byFlag.put(setting, flags.matchedOptionValue(setting.flag(), ""));
            }
        }
        Map<String, Setting> variables = variables();
        Map<Setting, String> byEnvironment = new EnumMap<>(Setting.class);
        List<String> warnings = new ArrayList<>();
        String file = flags.matchedOptionValue("--" + CONFIG_FILE, null);
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String prefix = prefix(variable.getKey());
            if (prefix == null || OTHER_VARIABLES.contains(variable.getKey())) {
                continue;
            }
            String rest = variable.getKey().substring(prefix.length());
            Setting setting = variables.get(rest);
            if (setting != null) {
                String other = byEnvironment.putIfAbsent(setting, variable.getValue());
                if (other != null && !other.equals(variable.getValue())) {
                    throw new ConfigException(
                            "AXOLOTL_" + rest + " and ETCD_" + rest + " are both set and differ; unset one of them");
                }
            } else if (rest.equals("CONFIG_FILE")) {
                file = file == null ? variable.getValue() : file;
            } else {
                warnings.add("the environment variable " + variable.getKey()
                        + " is no setting of this server; it is ignored");
            }
        }
        if (file != null) {
            refuseMix(file, byFlag, byEnvironment);
            return new Request.Start(ServerConfig.of(readFile(Path.of(file))), List.copyOf(warnings));
        }
        Map<Setting, String> all = new EnumMap<>(byEnvironment);
        all.putAll(byFlag);
        return new Request.Start(ServerConfig.of(all), List.copyOf(warnings));
    }

    private static void refuseMix(String file, Map<Setting, String> byFlag, Map<Setting, String> byEnvironment) {
        if (!byFlag.isEmpty()) {
            Setting first = byFlag.keySet().iterator().next();
            throw new ConfigException("--config-file " + file + " excludes other flags, and " + first.flag()
                    + " is given too; move it into the file as \"" + first.key() + ": ...\"");
        }
        if (!byEnvironment.isEmpty()) {
            Setting first = byEnvironment.keySet().iterator().next();
            throw new ConfigException("--config-file " + file + " excludes settings by environment, and "
                    + first.variable()
                    + " is set with the prefix ETCD_ or AXOLOTL_; unset it, or move it into the file as \""
                    + first.key() + ": ...\"");
        }
    }

    private static @Nullable String prefix(String variable) {
        for (String prefix : PREFIXES) {
            if (variable.startsWith(prefix)) {
                return prefix;
            }
        }
        return null;
    }

    private static Map<String, Setting> variables() {
        Map<String, Setting> variables = new TreeMap<>();
        for (Setting setting : Setting.values()) {
            variables.put(setting.variable(), setting);
        }
        return variables;
    }

    private static CommandSpec commandSpec() {
        CommandSpec spec = CommandSpec.create().name("axolotl server");
        spec.usageMessage()
                .description("Starts one member of a cluster.")
                .footer(
                        "",
                        "Every flag can be given as environment variable AXOLOTL_NAME or ETCD_NAME, for example",
                        "ETCD_DATA_DIR for --data-dir. A flag wins over the environment.");
        for (Setting setting : Setting.values()) {
            spec.addOption(OptionSpec.builder(setting.flag())
                    .type(String.class)
                    .arity(setting.kind() == Setting.Kind.SWITCH ? "0..1" : "1")
                    .fallbackValue("true")
                    .paramLabel(
                            switch (setting.kind()) {
                                case NUMBER -> "<number>";
                                case TEXT -> "<text>";
                                case SWITCH -> "true|false";
                            })
                    .description(setting.description() + " (default: "
                            + setting.standard().replace("${", "<").replace("}", ">") + ")")
                    .build());
        }
        spec.addOption(OptionSpec.builder("--" + CONFIG_FILE)
                .type(String.class)
                .paramLabel("<file>")
                .description("YAML file with all settings, by the names of the flags; excludes other flags")
                .build());
        spec.addOption(OptionSpec.builder("--version")
                .type(boolean.class)
                .description("print the version and exit")
                .build());
        spec.addOption(OptionSpec.builder("-h", "--help")
                .type(boolean.class)
                .usageHelp(true)
                .description("print this help and exit")
                .build());
        return spec;
    }

    private static ParseResult parse(CommandLine commandLine, List<String> arguments) {
        // As Go's flags, so that a command line written for etcd works: one dash is as good as two.
        String[] normalized = arguments.stream()
                .map(argument -> argument.matches("-[a-z][a-z-]+(=.*)?") ? "-" + argument : argument)
                .toArray(String[]::new);
        try {
            return commandLine
                    .setExpandAtFiles(false)
                    .setPosixClusteredShortOptionsAllowed(false)
                    .setOverwrittenOptionsAllowed(false)
                    .parseArgs(normalized);
        } catch (UnmatchedArgumentException e) {
            String unknown = e.getUnmatched().get(0);
            throw new ConfigException(
                    "unknown flag or argument \"" + unknown + "\"" + guess(unknown) + " --help lists all flags");
        } catch (ParameterException e) {
            throw new ConfigException(e.getMessage() + "; --help lists all flags");
        }
    }

    /** The flag that was probably meant: at most three letters differ. */
    private static String guess(String unknown) {
        String flag = unknown.replaceAll("=.*", "");
        String nearest = ";";
        int least = 4;
        for (Setting setting : Setting.values()) {
            int distance = distance(flag, setting.flag());
            if (distance < least) {
                least = distance;
                nearest = ", did you mean " + setting.flag() + "?";
            }
        }
        return nearest;
    }

    /** How many letters must be added, removed or exchanged to get from one to the other (Levenshtein). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int exchange = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(exchange, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }

    private static Map<Setting, String> readFile(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException("cannot read the configuration file " + file + ": " + reason(e)
                    + "; check the path and the permissions");
        }
        Object document;
        try {
            document = new Load(LoadSettings.builder()
                            .setLabel(file.toString())
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            throw new ConfigException("the configuration file " + file + " is not YAML: " + e.getMessage());
        }
        if (document == null) {
            return Map.of();
        }
        if (!(document instanceof Map<?, ?> entries)) {
            throw new ConfigException(
                    "the configuration file " + file + " must be a list of settings such as \"name: n1\", one a line");
        }
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        entries.forEach((key, value) -> {
            Setting setting = byKey(file, String.valueOf(key));
            if (value != null) {
                settings.put(setting, fileValue(file, setting, value));
            }
        });
        return settings;
    }

    private static Setting byKey(Path file, String key) {
        for (Setting setting : Setting.values()) {
            if (setting.key().equals(key)) {
                return setting;
            }
        }
        throw new ConfigException("the configuration file " + file + " has the key \"" + key
                + "\", which is no setting; keys are the names of the flags without dashes in front, see --help");
    }

    private static String fileValue(Path file, Setting setting, Object value) {
        boolean isRight = switch (setting.kind()) {
            case TEXT -> value instanceof String;
            case NUMBER -> value instanceof Number && !(value instanceof Double);
            case SWITCH -> value instanceof Boolean;
        };
        if (!isRight) {
            throw new ConfigException("the configuration file " + file + " has for " + setting.key() + " the value "
                    + value + ", and it takes "
                    + switch (setting.kind()) {
                        case NUMBER -> "a whole number without quotes";
                        case TEXT -> "text; put it in quotes, and write a list as one text separated by commas";
                        case SWITCH -> "true or false without quotes";
                    });
        }
        return value.toString();
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : String.valueOf(e.getMessage());
    }
}
