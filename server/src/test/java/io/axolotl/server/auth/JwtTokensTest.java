package io.axolotl.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.util.Base64URL;
import io.axolotl.server.api.FakeNode;
import io.axolotl.storage.auth.AuthState;
import io.axolotl.storage.auth.User;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signed tokens (AU-3): who honours which, and for how long. */
class JwtTokensTest {
    @TempDir
    private Path folder;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final FakeNode node = new FakeNode(1 << 20);

    @BeforeEach
    void enable() {
        propose(new Command.AddUser("root", "hash".getBytes(StandardCharsets.UTF_8)));
        propose(new Command.GrantRole("root", "root"));
        propose(new Command.EnableAuth());
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void propose(Command command) {
        node.propose(Caller.user("root", Long.MAX_VALUE), command, result -> {});
    }

    private AuthState auth() {
        return node.store().auth();
    }

    private Path pem(String name, String label, byte[] bytes) throws IOException {
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + label
                        + "-----\n");
    }

    private static KeyPair pair(String method) throws GeneralSecurityException {
        if (method.startsWith("ES")) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(
                    method.equals("ES256") ? "secp256r1" : method.equals("ES384") ? "secp384r1" : "secp521r1"));
            return generator.generateKeyPair();
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private JwtKeys keys(String method) throws Exception {
        if (method.startsWith("HS")) {
            byte[] secret = new byte[64];
            Arrays.fill(secret, (byte) 's');
            return JwtKeys.read(method, null, Files.write(folder.resolve("secret"), secret));
        }
        KeyPair pair = pair(method);
        return JwtKeys.read(
                method,
                pem("public", "PUBLIC KEY", pair.getPublic().getEncoded()),
                pem("private", "PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    private JwtTokens tokens(JwtKeys keys) {
        return new JwtTokens(keys, Duration.ofMinutes(5), () -> now);
    }

    private String give(JwtTokens tokens) {
        List<Tokens.Issued> told = new ArrayList<>();
        User user = Objects.requireNonNull(auth().user("root"));
        tokens.issue(user, auth(), node::propose, told::add);
        return ((Tokens.Issued.Token) told.get(0)).text();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS384", "ES256", "ES512", "HS256", "HS512"})
    @DisplayName("AU-3 a token names its user and the auth revision, until it ends; every sign method of etcd")
    void tokensNameTheirUser(String method) throws Exception {
        JwtTokens tokens = tokens(keys(method));
        int entries = node.proposals.get();
        String token = give(tokens);
        assertThat(node.proposals.get()).isEqualTo(entries);
        assertThat(tokens.bearer(token, auth())).isEqualTo(Caller.user("root", auth().revision()));
        assertThat(tokens(keysAgain(method)).bearer(token, auth())).isNotNull();
        now = now.plus(Duration.ofMinutes(5));
        assertThat(tokens.bearer(token, auth())).isNull();
    }

    /** Of another member, from the same files, without the private one where it is not needed. */
    private JwtKeys keysAgain(String method) throws Exception {
        return method.startsWith("HS")
                ? JwtKeys.read(method, null, folder.resolve("secret"))
                : JwtKeys.read(method, folder.resolve("public"), null);
    }

    @Test
    @DisplayName("AU-11 a token keeps the auth revision it was given under, so it is old after any change")
    void tokensGrowOld() throws Exception {
        JwtTokens tokens = tokens(keys("ES256"));
        String token = give(tokens);
        long before = auth().revision();
        propose(new Command.AddRole("r"));
        assertThat(tokens.bearer(token, auth())).isEqualTo(Caller.user("root", before));
        assertThat(auth().revision()).isGreaterThan(before);
        assertThat(tokens.isRenewing()).isFalse();
    }

    @Test
    @DisplayName("a token of another key, another method, none, or with another content is none")
    void forgeriesAreNone() throws Exception {
        JwtTokens tokens = tokens(keys("RS256"));
        String token = give(tokens);
        String other = give(tokens(keys("RS256")));
        String[] parts = token.split("\\.", -1);
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String forged = base64(claims.replace("root", "toor"));
        byte[] publicKey = Files.readAllBytes(folder.resolve("public"));
        JwtTokens ofPublicKey = tokens(JwtKeys.read("HS256", null, Files.write(folder.resolve("hs"), publicKey)));
        List<String> none = List.of(
                other,
                parts[0] + "." + forged + "." + parts[2],
                parts[0] + "." + parts[1] + ".",
                base64("{\"alg\":\"none\"}") + "." + parts[1] + ".",
                give(ofPublicKey),
                "",
                "a.b.c",
                token + "x",
                "x".repeat(100_000));
        for (String forgery : none) {
            assertThat(tokens.bearer(forgery, auth())).isNull();
        }
        assertThat(tokens.bearer(token, auth())).isNotNull();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName("a private RSA key may be as openssl wrote it before: PKCS#1")
    void oldRsaKeysAreRead() throws Exception {
        KeyPair pair = pair("RS256");
        byte[] pkcs8 = pair.getPrivate().getEncoded();
        // What PKCS#8 wraps is the last octet string in it.
        int at = 0;
        for (int i = 20; i < 40; i++) {
            if (pkcs8[i] == 0x04 && (pkcs8[i + 1] & 0xff) == 0x82) {
                at = i + 4;
                break;
            }
        }
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, at, pkcs8.length);
        JwtTokens tokens = tokens(JwtKeys.read("RS256", null, pem("old", "RSA PRIVATE KEY", pkcs1)));
        assertThat(tokens.bearer(give(tokens), auth())).isNotNull();
    }

    @Test
    @DisplayName("keys that do not fit are refused at the start, in words that say why and show none of them")
    void keysThatDoNotFitAreRefused() throws Exception {
        KeyPair one = pair("ES256");
        KeyPair other = pair("ES256");
        Path publicKey = pem("p", "PUBLIC KEY", one.getPublic().getEncoded());
        Path privateKey = pem("q", "PRIVATE KEY", other.getPrivate().getEncoded());
        assertThatThrownBy(() -> JwtKeys.read("ES256", publicKey, privateKey)).hasMessageContaining("one pair");
        assertThatThrownBy(() -> JwtKeys.read("RS256", publicKey, null)).hasMessageContaining("do not fit");
        assertThatThrownBy(() -> JwtKeys.read("ES256", null, privateKey)).hasMessageContaining("pub-key");
        assertThatThrownBy(() -> JwtKeys.read("none", publicKey, privateKey)).hasMessageContaining("not known");
        assertThatThrownBy(() -> JwtKeys.read("HS256", null, folder.resolve("missing")))
                .hasMessageContaining("cannot read");
        assertThatThrownBy(() -> JwtKeys.read("RS256", null, Files.writeString(folder.resolve("empty"), "nothing")))
                .hasMessageContaining("openssl");
    }

    @Test
    @DisplayName("a member with the public key alone honours tokens and gives none")
    void aMemberMayHonourAlone() throws Exception {
        keys("ES256");
        JwtTokens tokens = tokens(keysAgain("ES256"));
        List<Tokens.Issued> told = new ArrayList<>();
        tokens.issue(Objects.requireNonNull(auth().user("root")), auth(), node::propose, told::add);
        assertThat(told.get(0)).isInstanceOf(Tokens.Issued.Refused.class);
    }

    @Test
    @DisplayName("AU-3 a forged token costs one look at its signature, however often its call looks at it")
    void aForgeryIsVerifiedOnce() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        JWSVerifier counting = new JWSVerifier() {
            @Override
            public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) {
                looks.incrementAndGet();
                return false;
            }

            @Override
            public Set<JWSAlgorithm> supportedJWSAlgorithms() {
                return Set.of(JWSAlgorithm.HS256);
            }

            @Override
            public JCAContext getJCAContext() {
                return new JCAContext();
            }
        };
        JwtTokens tokens =
                new JwtTokens(new JwtKeys(JWSAlgorithm.HS256, null, counting), Duration.ofMinutes(5), () -> now);
        String header = Base64URL.encode("{\"alg\":\"HS256\"}").toString();
        for (int i = 0; i < 300; i++) {
            String forged = header + "." + Base64URL.encode("{\"username\":\"u" + i + "\"}") + ".c2ln";
            for (int look = 0; look < 3; look++) {
                assertThat(tokens.isAhead(forged, node.store())).isFalse();
                assertThat(tokens.bearer(forged, auth())).isNull();
            }
        }
        assertThat(looks).hasValue(300);
    }
}
