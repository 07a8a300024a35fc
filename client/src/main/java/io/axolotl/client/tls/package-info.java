/**
 * What client and server both need for TLS: files of certificates and keys, who is trusted, and words for what goes wrong.
 * Java's own classes do the cryptography; nothing here knows netty or gRPC.
 *
 * <p>{@link io.axolotl.client.tls.TlsFiles} names the files, {@link io.axolotl.client.tls.Credentials} is what they hold,
 * checked as far as that is possible without another side: every block is whole, the key fits the certificate. {@link
 * io.axolotl.client.tls.LiveCredentials} looks at the files again and again and always has the newest credentials that
 * were right: a file that is half written, or a certificate whose key has not arrived yet, changes nothing and is told.
 * {@link io.axolotl.client.tls.PeerTrust} judges the certificate that the other side shows; it asks Java's own judgement
 * and adds revoked certificates, permitted names, and a reason that people understand. {@link
 * io.axolotl.client.tls.TlsWords} says in a line why a handshake has failed.
 *
 * <p>{@link io.axolotl.client.tls.CertificateMaker} makes certificates, for servers that are told to make their own
 * ({@code --auto-tls}). Java has no public way to do that; the encoding is some dozen lines of DER, and a dependency of
 * eight megabytes less.
 *
 * <p>Thread rule: everything is immutable, but for {@link io.axolotl.client.tls.LiveCredentials}, which is safe for all
 * threads.
 */
@NullMarked
package io.axolotl.client.tls;

import org.jspecify.annotations.NullMarked;
