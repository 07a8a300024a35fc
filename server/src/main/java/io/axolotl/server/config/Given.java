package io.axolotl.server.config;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one source has said: settings, and flags of etcd that are none of ours. Confined to the thread that reads the
 * configuration.
 */
final class Given {
    private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
    private final Map<EtcdFlag, String> foreign = new LinkedHashMap<>();

    /** Blank is as good as nothing for what is empty unless it is set. */
    void put(Setting setting, String value) {
        if (value.isBlank() && setting.standard().isEmpty()) {
            return;
        }
        String other = settings.put(setting, value);
        if (other != null && !other.equals(value)) {
            throw new ConfigException(setting.flag() + " and its older name are both given, as " + other + " and "
                    + value + "; leave the older one out");
        }
    }

    /** A flag by another name than a setting's; an alias ends among the settings. */
    void put(EtcdFlag flag, String value) {
        flag.requireForm(value);
        if (flag.fate() == EtcdFlag.Fate.ALIAS) {
            put(Setting.byKey(flag.text()).orElseThrow(), value);
        } else {
            foreign.put(flag, value);
        }
    }

    /** Takes all of another source, which wins. */
    void override(Given stronger) {
        settings.putAll(stronger.settings);
        foreign.putAll(stronger.foreign);
    }

    Map<Setting, String> settings() {
        return settings;
    }

    Map<EtcdFlag, String> foreign() {
        return foreign;
    }

    /** The name of anything that is given, without dashes. */
    Optional<String> firstKey() {
        return settings.keySet().stream()
                .map(Setting::key)
                .findFirst()
                .or(() -> foreign.keySet().stream().map(EtcdFlag::name).findFirst());
    }

    /** The name of anything that both have, without dashes. */
    Optional<String> firstCommonKey(Given other) {
        return settings.keySet().stream()
                .filter(other.settings::containsKey)
                .map(Setting::key)
                .findFirst()
                .or(() -> foreign.keySet().stream()
                        .filter(other.foreign::containsKey)
                        .map(EtcdFlag::name)
                        .findFirst());
    }
}
