package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:2379, 127.0.0.1, 2379",
        "http://node-1.example:80, node-1.example, 80",
        "HTTP://h:1/, h, 1",
        "[::1]:2379, ::1, 2379",
        "http://[fe80::1]:2379, fe80::1, 2379",
        "https://node-1.example:80, node-1.example, 80",
    })
    void endpointsAreHostAndPort(String text, String host, int port) {
        Endpoint endpoint = Endpoint.parse(text);
        assertThat(endpoint.host()).isEqualTo(host);
        assertThat(endpoint.port()).isEqualTo(port);
        assertThat(endpoint).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":2379", "host", "host:", "host:0", "host:65536", "host:x", "::1:2379", "http://a/b:1"})
    void whatIsNoEndpointIsRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http://127.0.0.1:2379");
    }

    @ParameterizedTest
    @CsvSource({"unix://h:1, unknown scheme unix", "ftp://h:1, unknown scheme ftp"})
    void otherSchemesAreRefusedByName(String text, String reason) {
        assertThatThrownBy(() -> AxolotlClient.builder().endpoints(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aClientNeedsAnEndpoint() {
        assertThatThrownBy(() -> AxolotlClient.builder().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no endpoints");
    }

    @Test
    void onePlaceIsOneEndpointHoweverItIsSpelled() {
        assertThat(AxolotlClient.builder()
                        .endpoints("127.0.0.1:2379", "http://127.0.0.1:2379")
                        .options()
                        .endpoints())
                .hasSize(1);
    }

    @Test
    void impossibleSettingsAreRefusedByName() {
        ClientOptions.Builder builder = AxolotlClient.builder().endpoints("h:1");
        assertThatThrownBy(() -> builder.requestTimeout(Duration.ZERO).options())
                .hasMessageContaining("requestTimeout");
        builder.requestTimeout(Duration.ofSeconds(1));
        assertThatThrownBy(() -> builder.connectTimeout(Duration.ofSeconds(-1)).options())
                .hasMessageContaining("connectTimeout");
        builder.connectTimeout(Duration.ofSeconds(1));
        assertThatThrownBy(() -> builder.maxRequestBytes(0).options()).hasMessageContaining("maxRequestBytes");
        builder.maxRequestBytes(1);
        assertThatThrownBy(() -> builder.networkThreads(0).options()).hasMessageContaining("networkThreads");
    }
}
