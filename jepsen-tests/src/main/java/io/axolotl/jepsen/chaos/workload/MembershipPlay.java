package io.axolotl.jepsen.chaos.workload;

import com.google.gson.JsonObject;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Cluster;
import io.axolotl.client.MemberAddResult;
import io.axolotl.client.MembersResult;
import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.member.MemberCall;
import io.axolotl.jepsen.chaos.member.MemberCall.Kind;
import io.axolotl.jepsen.chaos.member.MemberRow;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Learners that are added, told elsewhere and removed, and never started, so that no quorum ever depends on them; promotions and other
 * changes that have to be refused; lists of the members; and reads and writes of a few keys beside that. Founders are left alone.
 */
final class MembershipPlay implements Crowd.Play {
    private static final int KEYS = 10;
    /** Nobody listens there. */
    private static final String NOWHERE = "http://127.77.";

    private final Keys keys = new Keys("membership");
    private final AtomicInteger addresses = new AtomicInteger();
    /** As somebody was last told. */
    private volatile List<MemberRow> known = List.of();

    private volatile boolean isEtcd;

    @Override
    public void begin(Crowd crowd) {
        isEtcd = crowd.target().name().equals("etcd");
        Seat first = crowd.seats().get(0);
        Lane lane = crowd.lane(first);
        crowd.insist("the first list of members", () -> list(lane, true).isDone());
    }

    private String freshAddress() {
        int number = addresses.incrementAndGet();
        return NOWHERE + (number >> 8 & 0xff) + "." + (number & 0xff) + ":9";
    }

    @Override
    public void turn(Lane lane, SplittableRandom chance) {
        int drawn = chance.nextInt(100);
        if (drawn < 70) {
            KeyTurns.any(lane, keys, keys.key("k", chance.nextInt(KEYS)), chance);
        } else if (drawn < 94) {
            Call unused = list(lane, chance.nextInt(4) > 0);
        } else {
            change(lane, chance);
        }
    }

    private void change(Lane lane, SplittableRandom chance) {
        List<MemberRow> all = known;
        List<MemberRow> ours = all.stream().filter(MembershipPlay::isOurs).toList();
        List<MemberRow> founders = all.stream().filter(row -> !isOurs(row)).toList();
        MemberRow founder = founders.get(chance.nextInt(founders.size()));
        int drawn = chance.nextInt(100);
        if (ours.isEmpty()) {
            if (drawn < 80) {
                add(lane, freshAddress());
            } else if (drawn < 90) {
                add(lane, founder.url());
            } else {
                promote(lane, founder.id());
            }
            return;
        }
        MemberRow one = ours.get(chance.nextInt(ours.size()));
        if (drawn < 35) {
            remove(lane, one.id());
        } else if (drawn < 70) {
            update(lane, one.id(), chance.nextInt(5) == 0 ? founder.url() : freshAddress());
        } else if (drawn < 85) {
            promote(lane, one.id());
        } else {
            // One too many.
            add(lane, freshAddress());
        }
    }

    private static boolean isOurs(MemberRow row) {
        return row.url().startsWith(NOWHERE);
    }

    private JsonObject heard(MembersResult result) {
        known = result.members().stream().map(MemberRow::of).toList();
        return MemberCall.answer(known);
    }

    /**
     * Asks for all members. An etcd before 3.5 asks nobody else: there a linearizable read of the same member goes before, after which it has
     * applied all changes of before; if it is not known which member will answer, the list is none that has to be new.
     */
    private Call list(Lane lane, boolean isLinearizable) {
        boolean isNew = isLinearizable && !(isEtcd && lane.endpoint() == Seat.ANY);
        AxolotlClient client = lane.client();
        return lane.record(Kind.LIST.toString(), MemberCall.list(isNew), () -> {
            if (isNew && isEtcd) {
                var unused = client.kv().get(keys.prefix()).await();
            }
            return heard(client.cluster().members(isNew && !isEtcd).await());
        });
    }

    private void add(Lane lane, String url) {
        Cluster cluster = lane.client().cluster();
        Call unused = lane.record(Kind.ADD.toString(), MemberCall.add(url, true), () -> {
            MemberAddResult result = cluster.memberAddAsLearner(List.of(url)).await();
            known = result.members().stream().map(MemberRow::of).toList();
            return MemberCall.added(result.member().id(), known);
        });
    }

    private void update(Lane lane, long id, String url) {
        Cluster cluster = lane.client().cluster();
        Call unused = lane.record(
                Kind.UPDATE.toString(),
                MemberCall.update(id, url, isEtcd),
                () -> heard(cluster.memberUpdate(id, List.of(url)).await()));
    }

    private void remove(Lane lane, long id) {
        Cluster cluster = lane.client().cluster();
        Call unused = lane.record(
                Kind.REMOVE.toString(),
                MemberCall.about(id),
                () -> heard(cluster.memberRemove(id).await()));
    }

    private void promote(Lane lane, long id) {
        Cluster cluster = lane.client().cluster();
        Call unused = lane.record(
                Kind.PROMOTE.toString(),
                MemberCall.about(id),
                () -> heard(cluster.memberPromote(id).await()));
    }

    /** Whoever is left is removed, and every member lists who is there. */
    @Override
    public void finish(Lane lane, Crowd crowd) {
        crowd.insist("the last list of members, without those who were added", () -> {
            if (!list(lane, true).isDone()) {
                return false;
            }
            List<MemberRow> left = known.stream().filter(MembershipPlay::isOurs).toList();
            left.forEach(row -> remove(lane, row.id()));
            return left.isEmpty();
        });
        KeyTurns.listAtTheEnd(lane, crowd, keys.prefix());
    }
}
