package io.axolotl.client.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges the certificate that the other side shows: in its time, not revoked, and then by Java's own judgement issued by a
 * trusted authority, for the host that was meant; last, of a permitted name. Whatever is wrong is said in words that
 * name the certificate.
 *
 * <p>Java takes an authority that it is given to trust for ever. Here one vouches for nobody when its time is over or when it is
 * revoked itself ({@link Credentials#authorities}); when none is left, nobody is trusted.
 *
 * <p>Safe for all threads.
 */
public final class PeerTrust extends X509ExtendedTrustManager {
    private static final X509Certificate[] NO_ISSUERS = {};

    private final Credentials credentials;
    private final Permitted permitted;
    private final InstantSource clock;

    /** Made anew when one of its authorities comes into its time or goes out of it. */
    private volatile Anchors anchors;

    /**
     * The authorities that count, and Java's judgement by them. Immutable.
     *
     * @param authorities those of the file that vouch; empty for those of the platform, or if none is left
     * @param judge null if nobody is trusted
     */
    private record Anchors(
            List<X509Certificate> authorities, @Nullable X509ExtendedTrustManager judge) {}

    /**
     * Which names a certificate may have. Immutable.
     *
     * @param commonNames one of them must be its common name; empty for any
     * @param hosts it must be for one of them; empty for any
     */
    public record Permitted(List<String> commonNames, List<String> hosts) {
        public static final Permitted ANY = new Permitted(List.of(), List.of());

        public Permitted {
            commonNames = List.copyOf(commonNames);
            hosts = List.copyOf(hosts);
        }
    }

    /** A certificate that is not accepted. The alert that the other side sees follows from the cause. */
    private static final class RefusedCertificateException extends CertificateException {
        private static final long serialVersionUID = 1L;

        RefusedCertificateException(String why, @Nullable BasicReason reason) {
            super(why, reason == null ? null : new CertPathValidatorException(why, null, null, -1, reason));
        }
    }

    /** One of the platform's judgements. */
    private interface Judgement {
        void pass(X509ExtendedTrustManager platform) throws CertificateException;
    }

    public PeerTrust(Credentials credentials, Permitted permitted) {
        this(credentials, permitted, InstantSource.system());
    }

    PeerTrust(Credentials credentials, Permitted permitted, InstantSource clock) {
        this.credentials = credentials;
        this.permitted = permitted;
        this.clock = clock;
        this.anchors = anchors(credentials.authorities(clock.instant()));
    }

    private Anchors anchors(List<X509Certificate> authorities) {
        boolean isNobodyLeft = authorities.isEmpty() && !credentials.trusted().isEmpty();
        return new Anchors(authorities, isNobodyLeft ? null : platform(authorities));
    }

    /** Of this moment. */
    private Anchors anchors() {
        List<X509Certificate> now = credentials.authorities(clock.instant());
        Anchors known = anchors;
        if (!known.authorities.equals(now)) {
            known = anchors(now);
            anchors = known;
        }
        return known;
    }

    private static X509ExtendedTrustManager platform(List<X509Certificate> authorities) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            if (authorities.isEmpty()) {
                factory.init((KeyStore) null);
            } else {
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                for (int i = 0; i < authorities.size(); i++) {
                    store.setCertificateEntry("authority" + i, authorities.get(i));
                }
                factory.init(store);
            }
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager trust) {
                    return trust;
                }
            }
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException("this Java platform cannot judge certificates", e);
        }
        throw new IllegalStateException("this Java platform has nothing that judges certificates");
    }

    /** Takes any certificate: for those who say that they want it so, and for self-made ones. */
    public static X509ExtendedTrustManager blind() {
        return new Blind();
    }

    private void judge(X509Certificate[] chain, Judgement whole, Judgement withoutHost, @Nullable String host)
            throws CertificateException {
        X509Certificate shown = chain[0];
        requireInTime(shown);
        requireUnrevoked(chain);
        X509ExtendedTrustManager platform = anchors().judge;
        if (platform == null) {
            throw ofUnknown(chain);
        }
        try {
            whole.pass(platform);
        } catch (CertificateException e) {
            throw explained(chain, e, host != null && isPassed(withoutHost, platform) ? host : null);
        }
        List<String> names = permitted.commonNames();
        String commonName = CertificateNames.commonName(shown);
        if (!names.isEmpty() && (commonName == null || !names.contains(commonName))) {
            throw new RefusedCertificateException(
                    name(shown) + " does not have the common name that is permitted (" + String.join(", ", names) + ")",
                    null);
        }
        if (!permitted.hosts().isEmpty()
                && permitted.hosts().stream().noneMatch(each -> CertificateNames.isFor(shown, each))) {
            throw new RefusedCertificateException(
                    name(shown) + " is for " + hosts(shown) + " and not for the host that is permitted ("
                            + String.join(", ", permitted.hosts()) + ")",
                    null);
        }
    }

    /** First of all: Java takes one that is itself among the trusted ones without a look at its time. */
    private void requireInTime(X509Certificate certificate) throws CertificateException {
        try {
            certificate.checkValidity(Date.from(clock.instant()));
        } catch (CertificateExpiredException e) {
            throw new RefusedCertificateException(
                    name(certificate) + " has expired on " + Credentials.instant(certificate.getNotAfter()),
                    BasicReason.EXPIRED);
        } catch (CertificateNotYetValidException e) {
            throw new RefusedCertificateException(
                    name(certificate) + " is not valid before " + Credentials.instant(certificate.getNotBefore())
                            + "; are the clocks right?",
                    BasicReason.NOT_YET_VALID);
        }
    }

    private void requireUnrevoked(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            if (credentials.isRevoked(certificate)) {
                throw new RefusedCertificateException(
                        name(certificate) + " " + Credentials.revocation(certificate), BasicReason.REVOKED);
            }
        }
    }

    /** @param wrongHost what it should be for, if all else is right */
    private CertificateException explained(
            X509Certificate[] chain, CertificateException e, @Nullable String wrongHost) {
        if (wrongHost != null) {
            return new RefusedCertificateException(
                    name(chain[0]) + " is for " + hosts(chain[0]) + " and not for " + wrongHost, null);
        }
        for (X509Certificate certificate : chain) {
            try {
                requireInTime(certificate);
            } catch (CertificateException expired) {
                return expired;
            }
        }
        boolean isOfUnknown = isAbout(e, "unable to find valid certification path")
                || isAbout(e, "Path does not chain")
                || isAbout(e, "signature check failed");
        return isOfUnknown
                ? ofUnknown(chain)
                : new CertificateException(
                        name(chain[0]) + " is not accepted: " + TlsWords.shown(e.getMessage()), e.getCause());
    }

    /** Issued by nobody who may vouch: by a stranger, or by one of the trusted whose time is over or who is revoked. */
    private CertificateException ofUnknown(X509Certificate[] chain) {
        Instant now = clock.instant();
        for (X509Certificate authority : credentials.trusted()) {
            String doubt = credentials.doubt(authority, now);
            for (X509Certificate certificate : chain) {
                if (doubt != null && isIssuedBy(certificate, authority)) {
                    return new RefusedCertificateException(
                            name(chain[0]) + " was issued by \"" + TlsWords.shown(authority.getSubjectX500Principal())
                                    + "\", which is among the trusted authorities (" + credentials.trustedName()
                                    + ") and " + doubt,
                            null);
                }
            }
        }
        return new RefusedCertificateException(
                name(chain[0]) + " was issued by \""
                        + TlsWords.shown(chain[chain.length - 1].getIssuerX500Principal())
                        + "\", which is not among the trusted authorities (" + credentials.trustedName() + ")",
                null);
    }

    private static boolean isIssuedBy(X509Certificate certificate, X509Certificate authority) {
        if (!certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException otherKey) {
            return false;
        }
    }

    private static boolean isPassed(Judgement judgement, X509ExtendedTrustManager platform) {
        try {
            judgement.pass(platform);
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    private static boolean isAbout(Throwable e, String words) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains(words)) {
                return true;
            }
        }
        return false;
    }

    private static String name(X509Certificate certificate) {
        return "the certificate of \"" + TlsWords.shown(certificate.getSubjectX500Principal()) + "\"";
    }

    private static String hosts(X509Certificate certificate) {
        return TlsWords.shown(CertificateNames.hosts(certificate));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        Judgement plain = platform -> platform.checkClientTrusted(chain, authType);
        judge(chain, platform -> platform.checkClientTrusted(chain, authType, engine), plain, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        boolean isHostChecked = engine.getSSLParameters().getEndpointIdentificationAlgorithm() != null;
        judge(
                chain,
                platform -> platform.checkServerTrusted(chain, authType, engine),
                platform -> platform.checkServerTrusted(chain, authType),
                isHostChecked ? engine.getPeerHost() : null);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        Judgement plain = platform -> platform.checkClientTrusted(chain, authType);
        judge(chain, platform -> platform.checkClientTrusted(chain, authType, socket), plain, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        boolean isHostChecked =
                socket instanceof SSLSocket tls && tls.getSSLParameters().getEndpointIdentificationAlgorithm() != null;
        judge(
                chain,
                platform -> platform.checkServerTrusted(chain, authType, socket),
                platform -> platform.checkServerTrusted(chain, authType),
                isHostChecked ? socket.getInetAddress().getHostName() : null);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        Judgement plain = platform -> platform.checkClientTrusted(chain, authType);
        judge(chain, plain, plain, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        Judgement plain = platform -> platform.checkServerTrusted(chain, authType);
        judge(chain, plain, plain, null);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        Anchors now = anchors();
        return now.judge == null || !now.authorities.isEmpty()
                ? now.authorities.toArray(NO_ISSUERS)
                : now.judge.getAcceptedIssuers();
    }

    /** Extended, so that Java adds no check of the host to it. */
    private static final class Blind extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
            // Any will do.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
            // Any will do.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            // Any will do.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            // Any will do.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            // Any will do.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            // Any will do.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return NO_ISSUERS;
        }
    }
}
