package io.axolotl.server.config;

import io.axolotl.raft.membership.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The founding members. Every member reads the same list and computes the same ids from it without talking: a member's id
 * from its peer URL and the token, the cluster's from all member ids and the token. So the order of the list does not
 * matter, and two clusters with equal URLs differ if their tokens do.
 *
 * <p>Immutable.
 *
 * @param members in the order of their peer URLs
 */
public record InitialCluster(String token, List<FoundingMember> members) {
    private static final int MAX_MEMBERS = 7;

    /** @param name what people call it; unique in the list */
    public record FoundingMember(NodeId id, String name, MemberUrl peerUrl) {}

    public InitialCluster {
        members = List.copyOf(members);
    }

    /** Parses {@code name=url,name=url}. */
    static InitialCluster parse(String token, String text) {
        String what = Setting.INITIAL_CLUSTER.flag();
        List<FoundingMember> members = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>();
        TreeSet<String> urls = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals <= 0) {
                throw new ConfigException(
                        what + " has \"" + part.strip()
                                + "\", which is not of the form name=url; write name1=http://HOST1:2380,name2=http://HOST2:2380");
            }
            String name = part.substring(0, equals).strip();
            MemberUrl url = MemberUrl.parse(what, part.substring(equals + 1).strip());
            url.requireFixedPort(what);
            if (!names.add(name)) {
                throw new ConfigException(
                        what + " has the name " + name + " twice; every member has one name and one peer URL");
            }
            if (!urls.add(url.toString())) {
                throw new ConfigException(what + " has " + url + " twice; every member needs a peer URL of its own");
            }
            members.add(new FoundingMember(id(token, List.of(url.toString())), name, url));
        }
        if (members.size() > MAX_MEMBERS) {
            throw new ConfigException(what + " has " + members.size() + " members; more than " + MAX_MEMBERS
                    + " only make every write slower, so use 3, 5 or 7");
        }
        members.sort(Comparator.comparing(member -> member.peerUrl().toString()));
        return new InitialCluster(token, members);
    }

    public long clusterId() {
        return id(token, members.stream().map(member -> member.id().toString()).toList())
                .value();
    }

    /** The first 8 bytes of a SHA-256 over the sorted parts and the token, each ended by a zero byte. */
    private static NodeId id(String token, List<String> parts) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        for (String part : parts.stream().sorted().toList()) {
            digest.update(part.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        digest.update(token.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        long value = ByteBuffer.wrap(digest.digest()).getLong();
        return new NodeId(value == 0 ? 1 : value);
    }
}
