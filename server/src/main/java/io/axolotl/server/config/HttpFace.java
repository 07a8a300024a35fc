package io.axolotl.server.config;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Settings of plain HTTP. Immutable.
 *
 * @param listenClientUrls instead of on the client port, which is left to gRPC then; empty for on the client port
 * @param listenMetricsUrls for metrics and health only, beside wherever else they are; may be empty
 * @param isExtensive whether the durations of calls are measured
 * @param corsOrigins sites whose scripts may read answers; {@code *} for all
 * @param hostNames under which this member may be addressed without TLS; {@code *} for all
 */
public record HttpFace(
        List<MemberUrl> listenClientUrls,
        List<MemberUrl> listenMetricsUrls,
        boolean isExtensive,
        Set<String> corsOrigins,
        Set<String> hostNames) {
    public HttpFace {
        listenClientUrls = List.copyOf(listenClientUrls);
        listenMetricsUrls = List.copyOf(listenMetricsUrls);
        corsOrigins = Set.copyOf(corsOrigins);
        hostNames = Set.copyOf(hostNames);
    }

    /** @param taken by clients and members */
    static HttpFace of(SettingTexts texts, List<MemberUrl> taken) {
        List<MemberUrl> clients = urls(texts, Setting.LISTEN_CLIENT_HTTP_URLS, taken);
        List<MemberUrl> others = Stream.concat(taken.stream(), clients.stream()).toList();
        return new HttpFace(
                clients,
                urls(texts, Setting.LISTEN_METRICS_URLS, others),
                texts.oneOf(Setting.METRICS, List.of("basic", "extensive")).equals("extensive"),
                words(texts, Setting.CORS),
                words(texts, Setting.HOST_WHITELIST));
    }

    private static List<MemberUrl> urls(SettingTexts texts, Setting setting, List<MemberUrl> taken) {
        List<MemberUrl> urls = texts.isGiven(setting) ? texts.bindableUrls(setting) : List.of();
        for (MemberUrl url : urls) {
            for (MemberUrl other : taken) {
                if (url.clashesWith(other)) {
                    throw new ConfigException(setting.flag() + " has " + url + ", and " + other
                            + " is listened on already; give it a port of its own");
                }
            }
        }
        return urls;
    }

    private static Set<String> words(SettingTexts texts, Setting setting) {
        return Arrays.stream(texts.required(setting).split(",", -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }
}
