package io.axolotl.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How lines of the log look and where they go. Immutable.
 *
 * @param targets {@value #STDERR}, {@value #STDOUT}, or paths of files that are appended to; at least one, no two alike
 */
public record LogOutput(Form form, List<String> targets) {
    public static final String STDERR = "stderr";
    public static final String STDOUT = "stdout";

    /** The texts of {@code --logger}, in upper case. */
    public enum Form {
        /** Our own: readable, with the time zone. */
        AXOLOTL,
        /** That of etcd up to 3.4. */
        CAPNSLOG,
        /** A JSON object a line, etcd's from 3.5 on. */
        ZAP;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public LogOutput {
        targets = List.copyOf(targets);
    }

    static LogOutput of(SettingTexts texts) {
        String form = texts.oneOf(Setting.LOGGER, List.of(Form.AXOLOTL.text(), Form.CAPNSLOG.text(), Form.ZAP.text()));
        List<String> targets = new ArrayList<>();
        for (String part : texts.required(Setting.LOG_OUTPUTS).split(",", -1)) {
            String target = part.strip().equals("default") ? STDERR : part.strip();
            if (target.isEmpty()) {
                throw new ConfigException(
                        Setting.LOG_OUTPUTS.flag() + " names an empty target; write stderr, stdout or a path");
            }
            if (target.startsWith("systemd/")) {
                throw new ConfigException(Setting.LOG_OUTPUTS.flag() + " has " + target
                        + ", which is not served; write stderr, which systemd puts into its journal");
            }
            if (!targets.contains(target)) {
                targets.add(target);
            }
        }
        return new LogOutput(Form.valueOf(form.toUpperCase(Locale.ROOT)), targets);
    }
}
