package io.axolotl.server.config;

import java.util.List;
import java.util.Map;

/** Settings as texts, and how each kind is read. Immutable. */
final class SettingTexts {
    private final Map<Setting, String> given;

    SettingTexts(Map<Setting, String> given) {
        this.given = Map.copyOf(given);
    }

    boolean isGiven(Setting setting) {
        return given.containsKey(setting);
    }

    /** As given, or {@code standard}. */
    String or(Setting setting, String standard) {
        String text = given.get(setting);
        if (text == null) {
            return standard;
        }
        if (text.isBlank()) {
            throw new ConfigException(setting.flag() + " is empty; give a value or leave it out");
        }
        return text.strip();
    }

    String required(Setting setting) {
        return or(setting, setting.standard());
    }

    List<MemberUrl> urls(Setting setting) {
        return MemberUrl.parseList(setting.flag(), required(setting));
    }

    List<MemberUrl> reachableUrls(Setting setting) {
        List<MemberUrl> urls = urls(setting);
        urls.forEach(url -> url.requireFixedPort(setting.flag()));
        return urls;
    }

    List<MemberUrl> bindableUrls(Setting setting) {
        List<MemberUrl> urls = urls(setting);
        urls.forEach(url -> url.requireBindable(setting.flag()));
        return urls;
    }

    long longNumber(Setting setting) {
        String text = required(setting);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ConfigException(setting.flag() + " is \"" + text + "\"; it takes a whole number");
        }
    }

    /** @param least is allowed */
    long longNumber(Setting setting, long least) {
        long number = longNumber(setting);
        if (number < least) {
            throw new ConfigException(setting.flag() + " is " + number + "; it must be at least " + least);
        }
        return number;
    }

    /** @param least and {@code most} are both allowed */
    int number(Setting setting, int least, int most) {
        long number = longNumber(setting);
        if (number < least || number > most) {
            throw new ConfigException(setting.flag() + " is " + number + "; it must be from " + least + " to " + most);
        }
        return (int) number;
    }

    String oneOf(Setting setting, List<String> choices) {
        String text = required(setting);
        if (!choices.contains(text)) {
            throw new ConfigException(
                    setting.flag() + " is \"" + text + "\"; it takes one of " + String.join(", ", choices));
        }
        return text;
    }
}
