package io.axolotl.server.recovery;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.storage.identity.ForeignFolderException;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which of the members of a running cluster a process is that wants to join it: the one with its peer URL. The rules and the
 * texts are etcd's; beyond them, a member that has run before does not come back with an empty folder, as a joiner or as a
 * founder (pitfall 4).
 *
 * <p>No state.
 */
public final class JoinPlan {
    private JoinPlan() {}

    /**
     * @param ownUrl this process's peer URL
     * @param peerUrls all peer URLs of {@code --initial-cluster}, {@code ownUrl} among them
     * @param answer what the members say, if any could be asked
     * @throws ForeignFolderException if there is no place for this process, with what to do
     */
    public static Origin.Place place(String ownUrl, List<String> peerUrls, Optional<ClusterDescription> answer) {
        if (answer.isEmpty()) {
            throw new ForeignFolderException("cannot fetch cluster info from peer urls: could not retrieve cluster"
                    + " information from the given URLs. --initial-cluster must name at least one running member beside"
                    + " this one; it names " + String.join(", ", peerUrls));
        }
        ClusterDescription cluster = answer.get();
        requireSameMembers(peerUrls, cluster.members());
        MemberAttributes self = cluster.members().stream()
                .filter(member -> member.peerUrls().contains(ownUrl))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(ownUrl + " is not among " + peerUrls));
        if (hasRun(self)) {
            throw new ForeignFolderException(amnesia(self, ownUrl));
        }
        return new Origin.Place(cluster.clusterId(), new NodeId(self.id()), cluster.founding());
    }

    /**
     * That a founder with an empty folder is not one of a cluster that was founded before. A cluster with the same id is the
     * same: what the founders of another one say is for the handshake to judge.
     *
     * @param answers what other founders say; nobody is needed, for in a new cluster all may start at once
     * @throws ForeignFolderException if one of them has met it, with what to do
     */
    static void requireNeverStarted(Origin.Place place, List<ClusterDescription> answers) {
        for (ClusterDescription cluster : answers) {
            for (MemberAttributes member : cluster.members()) {
                if (cluster.clusterId() == place.clusterId()
                        && member.id() == place.self().value()
                        && hasRun(member)) {
                    throw new ForeignFolderException("member " + place.self() + " has already been bootstrapped: "
                            + amnesia(member, String.join(",", member.peerUrls())));
                }
            }
        }
    }

    private static boolean hasRun(MemberAttributes member) {
        return member.storeId() != null || member.isStarted();
    }

    private static String amnesia(MemberAttributes self, String urls) {
        String id = Long.toHexString(self.id());
        StoreId before = self.storeId();
        return "the data folder is empty, and member " + id + " at " + urls + " has run before"
                + (before == null ? "" : " with another one (store " + before + ")")
                + ": the votes and entries it had promised to keep are lost, so it must not take part under its old"
                + " id. Put back its data folder, or remove the member and add it again: axolotl ctl member remove "
                + id + ", axolotl ctl member add NAME --learner --peer-urls=" + urls
                + ", then start it with --initial-cluster-state=existing";
    }

    private static void requireSameMembers(List<String> peerUrls, List<MemberAttributes> members) {
        TreeSet<String> known = new TreeSet<>();
        members.forEach(member -> known.addAll(member.peerUrls()));
        List<String> missing = new ArrayList<>(peerUrls);
        missing.removeAll(known);
        TreeSet<String> unnamed = new TreeSet<>(known);
        unnamed.removeAll(peerUrls);
        if (missing.isEmpty() && unnamed.isEmpty()) {
            return;
        }
        String why = members.size() != peerUrls.size()
                ? "member count is unequal"
                : "unmatched member while checking PeerURLs";
        throw new ForeignFolderException("error validating peerURLs: " + why + ": the cluster has " + known
                + ", --initial-cluster has " + new TreeSet<>(peerUrls)
                + (missing.isEmpty() ? "" : "; add a member with axolotl ctl member add before it is started")
                + (unnamed.isEmpty() ? "" : "; name all members, as axolotl ctl member add has printed them"));
    }
}
