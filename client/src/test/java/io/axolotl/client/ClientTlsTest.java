package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.client.tls.TlsFiles;
import io.axolotl.client.transport.ClientTls;
import io.axolotl.client.transport.NettyTransport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a client speaks TLS. What it then says of servers is tested against servers. */
final class ClientTlsTest {
    @TempDir
    Path folder;

    private TlsOptions options() throws Exception {
        return TlsOptions.trusting(Files.writeString(
                folder.resolve("ca.pem"),
                new CertificateMaker("authority").authority().signedByItself().certificatePem()));
    }

    @ParameterizedTest
    @CsvSource({"h:1, false, false", "h:1, true, true", "http://h:1, true, false", "https://h:1, false, true"})
    @DisplayName("as with etcd's client: an endpoint without a scheme is what the client was told")
    void theSchemeDecidesAndElseTheOptions(String endpoint, boolean hasOptions, boolean isSecure) {
        assertThat(Endpoint.parse(endpoint).isSecure(hasOptions)).isEqualTo(isSecure);
    }

    @ParameterizedTest
    @CsvSource({
        "https://a:1, http://b:1, false",
        "https://a:1, https://b:1, true",
        "https://a:1, http://a:1, true",
        "http://a:1, http://b:1, true",
        "'https://a:1,http://c:1', http://b:1, true",
    })
    @DisplayName(
            "a client that speaks TLS everywhere follows nobody to clear text, where keys and passwords could be read")
    void nobodyLeadsAClientToClearText(String configured, String advertised, boolean mayFollow) throws Exception {
        try (NettyTransport transport = new NettyTransport(
                "test",
                1,
                new NettyTransport.Settings(
                        Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(10), Optional.empty(), true),
                ClientTls.open(
                        new TlsFiles(null, null, options().trustedCaFile().orElseThrow(), null), false))) {
            Connections connections = new Connections(
                    Arrays.stream(configured.split(",", -1))
                            .map(Endpoint::parse)
                            .toList(),
                    transport,
                    true,
                    Optional.empty(),
                    Duration.ZERO,
                    false);
            assertThat(connections.mayFollowTo(Endpoint.parse(advertised))).isEqualTo(mayFollow);
            connections.close();
        }
    }

    @Test
    void filesThatCannotBeUsedAreRefusedWhenTheClientIsMade() throws Exception {
        TlsOptions good = options();
        try (AxolotlClient client =
                AxolotlClient.builder().endpoints("h:1").tls(good).build()) {
            assertThat(client.options().tls()).contains(good);
        }
        assertThatThrownBy(() -> AxolotlClient.builder()
                        .endpoints("h:1")
                        .tls(TlsOptions.trusting(folder.resolve("none")))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no file");
        assertThatThrownBy(() ->
                        new TlsOptions(Optional.empty(), Optional.of(folder.resolve("c")), Optional.empty(), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("KeyFile and CertFile must both be present");
    }
}
