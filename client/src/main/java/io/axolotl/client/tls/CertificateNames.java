package io.axolotl.client.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** For whom a certificate is. No state. */
public final class CertificateNames {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private CertificateNames() {}

    /** {@link #commonName(X500Principal)} of its subject. */
    public static @Nullable String commonName(X509Certificate certificate) {
        return commonName(certificate.getSubjectX500Principal());
    }

    /**
     * The common name: of several parts that have one the most specific, as with etcd; it may stand beside others in its part.
     *
     * @return null if there is none, if it is empty or no text, or if its part has two: those have no order
     */
    public static @Nullable String commonName(X500Principal subject) {
        try {
            LdapName name = new LdapName(subject.getName());
            for (int i = name.size() - 1; i >= 0; i--) {
                Attribute found = name.getRdn(i).toAttributes().get("CN");
                if (found != null) {
                    return found.size() == 1 && found.get() instanceof String text && !text.isEmpty() ? text : null;
                }
            }
            return null;
        } catch (InvalidNameException unreadable) {
            return null;
        } catch (NamingException e) {
            throw new AssertionError("it was read into memory before", e);
        }
    }

    /** The alternative names that are hosts: DNS names and addresses. */
    public static List<String> hosts(X509Certificate certificate) {
        List<String> hosts = new ArrayList<>();
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            return hosts;
        }
        if (names != null) {
            for (List<?> name : names) {
                int kind = (Integer) name.get(0);
                if ((kind == DNS || kind == ADDRESS) && name.get(1) instanceof String host) {
                    hosts.add(host);
                }
            }
        }
        return hosts;
    }

    /**
     * Whether it is for this host, by its alternative names alone (RFC 6125): an asterisk stands for the whole first label.
     * A common name is no host, as with Go.
     */
    public static boolean isFor(X509Certificate certificate, String host) {
        String wanted = plain(host);
        boolean isAddress = isAddress(wanted);
        for (String name : hosts(certificate)) {
            if (isAddress ? isSameAddress(name, wanted) : !isAddress(name) && isMatch(plain(name), wanted)) {
                return true;
            }
        }
        return false;
    }

    private static String plain(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        String plain = lower.startsWith("[") && lower.endsWith("]") ? lower.substring(1, lower.length() - 1) : lower;
        return plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain;
    }

    private static boolean isMatch(String pattern, String host) {
        if (!pattern.startsWith("*.")) {
            return pattern.equals(host);
        }
        int dot = host.indexOf('.');
        return dot > 0 && host.substring(dot).equals(pattern.substring(1));
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
    }

    private static boolean isSameAddress(String one, String other) {
        try {
            return isAddress(one) && InetAddress.getByName(one).equals(InetAddress.getByName(other));
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
