package io.axolotl.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

    /** Variables with our prefixes that are not settings: the launchers'. */
    private static final List<String> OTHER_VARIABLES = List.of("AXOLOTL_HOME", "AXOLOTL_JAVA_OPTS", "AXOLOTL_CACHE");

    /** What the command line asks for. */
    public sealed interface Request {
        /** @param warnings to be logged once logging is set up */
        record Start(ServerConfig config, List<String> warnings) implements Request {}

        /** @param text to be printed instead of starting */
        record Print(String text) implements Request {}
    }

    private final String version;
    private final Customs customs;

    /** @param version what {@code --version} prints */
    public ServerConfigReader(String version) {
        this(version, Customs.AXOLOTL);
    }

    public ServerConfigReader(String version, Customs customs) {
        this.version = version;
        this.customs = customs;
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
        Given byFlag = byFlag(flags);
        Given byEnvironment = new Given();
        List<String> warnings = new ArrayList<>();
        String file = flags.matchedOptionValue("--" + CONFIG_FILE, null);
        Map<String, Setting> variables = variables();
        Map<String, EtcdFlag> foreignVariables = foreignVariables();
        Map<String, String> byRest = new TreeMap<>();
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String prefix = prefix(variable.getKey());
            // As with etcd, an empty variable is none.
            if (prefix == null
                    || OTHER_VARIABLES.contains(variable.getKey())
                    || variable.getValue().isEmpty()) {
                continue;
            }
            String rest = variable.getKey().substring(prefix.length());
            String other = byRest.putIfAbsent(rest, variable.getValue());
            if (other != null) {
                if (!other.equals(variable.getValue())
                        && (variables.containsKey(rest) || foreignVariables.containsKey(rest))) {
                    throw new ConfigException(
                            "AXOLOTL_" + rest + " and ETCD_" + rest + " are both set and differ; unset one of them");
                }
            } else if (variables.containsKey(rest)) {
                byEnvironment.put(variables.get(rest), variable.getValue());
            } else if (foreignVariables.containsKey(rest)) {
                byEnvironment.put(foreignVariables.get(rest), variable.getValue());
            } else if (rest.equals("CONFIG_FILE")) {
                file = file == null ? variable.getValue() : file;
            } else {
                warnings.add("the environment variable " + variable.getKey()
                        + " is no setting of this server; it is ignored");
            }
        }
        if (file != null) {
            if (customs == Customs.ETCD) {
                warnings.addAll(ignoredBeside(file, byFlag, byEnvironment));
            } else {
                refuseMix(file, byFlag, byEnvironment);
            }
            return start(readFile(Path.of(file)), warnings);
        }
        if (customs == Customs.ETCD) {
            refuseTwice(byFlag, byEnvironment);
        }
        byEnvironment.override(byFlag);
        return start(byEnvironment, warnings);
    }

    private Request start(Given given, List<String> warnings) {
        List<String> all = new ArrayList<>(warnings);
        given.foreign().forEach((flag, value) -> {
            if (flag.fate() == EtcdFlag.Fate.SERVED) {
                throw new ConfigException(flag.flag() + " is not served by this build; leave it out");
            }
            flag.judge(value).ifPresent(all::add);
        });
        given.settings().putIfAbsent(Setting.LOGGER, customs.logForm().text());
        return new Request.Start(ServerConfig.of(given.settings()), List.copyOf(all));
    }

    private static Given byFlag(ParseResult flags) {
        Given given = new Given();
        for (Setting setting : Setting.values()) {
            if (flags.hasMatchedOption(setting.flag())) {
                String value = flags.matchedOptionValue(setting.flag(), "");
                requireForm(setting, value);
                given.put(setting, value);
            }
        }
        for (EtcdFlag flag : EtcdFlags.foreign()) {
            if (flags.hasMatchedOption(flag.flag())) {
                given.put(flag, flags.matchedOptionValue(flag.flag(), ""));
            }
        }
        return given;
    }

    private static void requireForm(Setting setting, String value) {
        try {
            if (setting.isOfUrls() && !value.isBlank()) {
                var unused = MemberUrl.parseList(setting.flag(), value);
            }
        } catch (ConfigException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        if (setting == Setting.INITIAL_CLUSTER_STATE && !value.strip().matches("new|existing")) {
            throw new UsageException(setting.flag() + " is \"" + value + "\"; it takes one of new, existing");
        }
        boolean fits = switch (setting.kind()) {
            case TEXT, TEXTS -> true;
            case NUMBER -> EtcdFlag.Form.NUMBER.fits(value.strip());
            case SWITCH -> EtcdFlag.Form.SWITCH.fits(value.strip());
        };
        if (!fits) {
            throw new UsageException(setting.flag() + " is \"" + value + "\"; it takes "
                    + (setting.kind() == Setting.Kind.NUMBER ? "a whole number" : "true or false"));
        }
    }

    private static void refuseMix(String file, Given byFlag, Given byEnvironment) {
        byFlag.firstKey().ifPresent(first -> {
            throw new ConfigException("--config-file " + file + " excludes other flags, and --" + first
                    + " is given too; move it into the file as \"" + first + ": ...\"");
        });
        byEnvironment.firstKey().ifPresent(first -> {
            throw new ConfigException("--config-file " + file + " excludes settings by environment, and "
                    + first.toUpperCase(Locale.ROOT).replace('-', '_')
                    + " is set with the prefix ETCD_ or AXOLOTL_; unset it, or move it into the file as \"" + first
                    + ": ...\"");
        });
    }

    private static List<String> ignoredBeside(String file, Given byFlag, Given byEnvironment) {
        List<String> warnings = new ArrayList<>();
        byFlag.firstKey()
                .ifPresent(first -> warnings.add("--" + first + " and whatever else is given as a flag is ignored: "
                        + "the configuration file " + file + " is all that counts"));
        byEnvironment
                .firstKey()
                .ifPresent(first -> warnings.add("the environment's " + first
                        + " and whatever else is set there is ignored: the configuration file " + file
                        + " is all that counts"));
        return warnings;
    }

    private static void refuseTwice(Given byFlag, Given byEnvironment) {
        byFlag.firstCommonKey(byEnvironment).ifPresent(key -> {
            String variable = key.toUpperCase(Locale.ROOT).replace('-', '_');
            throw new ConfigException("conflicting environment variable: ETCD_" + variable + " is set and --" + key
                    + " is given too; unset the one or leave out the other");
        });
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

    private static Map<String, EtcdFlag> foreignVariables() {
        Map<String, EtcdFlag> variables = new TreeMap<>();
        EtcdFlags.foreign().forEach(flag -> variables.put(flag.variable(), flag));
        return variables;
    }

    /** The flags, for what completes them in a shell. */
    public CommandSpec commandSpec() {
        CommandSpec spec = CommandSpec.create().name(customs.program());
        spec.usageMessage()
                .description("Starts one member of a cluster.")
                .footer(
                        "",
                        "Every flag can be given as environment variable AXOLOTL_NAME or ETCD_NAME, for example",
                        "ETCD_DATA_DIR for --data-dir. "
                                + (customs == Customs.ETCD
                                        ? "One that is given both ways is refused."
                                        : "A flag wins over the environment."),
                        "",
                        "Flags of etcd that have no effect here, or are refused unless they ask for nothing, are listed",
                        "with the reasons in docs/etcd-compatibility.md.");
        for (Setting setting : Setting.values()) {
            spec.addOption(OptionSpec.builder(setting.flag())
                    .type(String.class)
                    .arity(setting.kind() == Setting.Kind.SWITCH ? "0..1" : "1")
                    .fallbackValue("true")
                    .paramLabel(
                            switch (setting.kind()) {
                                case NUMBER -> "<number>";
                                case TEXT -> "<text>";
                                case TEXTS -> "<text,...>";
                                case SWITCH -> "true|false";
                            })
                    .description(setting.description() + " (default: "
                            + standard(setting).replace("${", "<").replace("}", ">") + ")")
                    .build());
        }
        for (EtcdFlag flag : EtcdFlags.foreign()) {
            spec.addOption(OptionSpec.builder(flag.flag())
                    .type(String.class)
                    .arity(flag.form() == EtcdFlag.Form.SWITCH ? "0..1" : "1")
                    .fallbackValue("true")
                    .hidden(true)
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

    private String standard(Setting setting) {
        return setting == Setting.LOGGER ? customs.logForm().text() : setting.standard();
    }

    private ParseResult parse(CommandLine commandLine, List<String> arguments) {
        // As Go's flags, so that a command line written for etcd works: one dash is as good as two.
        String[] normalized = arguments.stream()
                .map(argument -> argument.matches("(?s)-[a-z][a-z0-9-]+(=.*)?") ? "-" + argument : argument)
                .toArray(String[]::new);
        try {
            return commandLine
                    .setExpandAtFiles(false)
                    .setPosixClusteredShortOptionsAllowed(false)
                    // Go's flags let the last of several win.
                    .setOverwrittenOptionsAllowed(customs == Customs.ETCD)
                    .parseArgs(normalized);
        } catch (UnmatchedArgumentException e) {
            String unknown = e.getUnmatched().get(0);
            if (customs == Customs.ETCD && !unknown.startsWith("-")) {
                throw new ConfigException(stray(unknown));
            }
            throw new UsageException(
                    "unknown flag or argument \"" + unknown + "\"" + guess(unknown) + " --help lists all flags");
        } catch (ParameterException e) {
            throw new UsageException(e.getMessage() + "; --help lists all flags");
        }
    }

    private static String stray(String word) {
        return switch (word) {
            case "gateway" -> "etcd gateway is not part of Axolotl; put a TCP load balancer in front of the members";
            case "grpc-proxy" -> "etcd grpc-proxy is not part of Axolotl; let clients connect to the members";
            default -> "'" + word + "' is not a valid flag; --help lists all flags";
        };
    }

    /** The flag that was probably meant: at most three letters differ. */
    private static String guess(String unknown) {
        String flag = unknown.replaceAll("=.*", "");
        String nearest = ";";
        int least = 4;
        List<String> known = new ArrayList<>();
        Arrays.stream(Setting.values()).map(Setting::flag).forEach(known::add);
        EtcdFlags.foreign().stream().map(EtcdFlag::flag).forEach(known::add);
        for (String candidate : known) {
            int distance = distance(flag, candidate);
            if (distance < least) {
                least = distance;
                nearest = ", did you mean " + candidate + "?";
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

    private static Given readFile(Path file) {
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
            return new Given();
        }
        if (!(document instanceof Map<?, ?> entries)) {
            throw new ConfigException(
                    "the configuration file " + file + " must be a list of settings such as \"name: n1\", one a line");
        }
        Given given = new Given();
        FileSections.flat(entries).forEach((key, value) -> {
            Optional<Setting> setting = Setting.byKey(key);
            if (setting.isPresent()) {
                given.put(setting.get(), fileValue(file, setting.get(), value));
            } else {
                given.put(foreignKey(file, key), String.valueOf(value));
            }
        });
        return given;
    }

    private static EtcdFlag foreignKey(Path file, String key) {
        return EtcdFlags.foreign(key)
                .orElseThrow(
                        () -> new ConfigException(
                                "the configuration file " + file + " has the key \"" + key
                                        + "\", which is no setting; keys are the names of the flags without dashes in front, see --help"));
    }

    private static String fileValue(Path file, Setting setting, Object given) {
        Object value = setting.kind() == Setting.Kind.TEXTS ? FileSections.joined(given) : given;
        boolean isRight = switch (setting.kind()) {
            // etcd's own sample writes hours and revisions as plain numbers.
            case TEXT, TEXTS ->
                value instanceof String || (setting == Setting.AUTO_COMPACTION_RETENTION && value instanceof Integer);
            case NUMBER -> value instanceof Number && !(value instanceof Double);
            case SWITCH -> value instanceof Boolean;
        };
        if (!isRight) {
            throw new ConfigException("the configuration file " + file + " has for " + setting.key() + " the value "
                    + value + ", and it takes "
                    + switch (setting.kind()) {
                        case NUMBER -> "a whole number without quotes";
                        case TEXT, TEXTS -> "text; put it in quotes, and write a list as one text separated by commas";
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
