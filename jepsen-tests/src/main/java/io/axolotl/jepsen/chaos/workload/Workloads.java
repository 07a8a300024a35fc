package io.axolotl.jepsen.chaos.workload;

import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.judge.AppendJudge;
import io.axolotl.jepsen.chaos.judge.BankJudge;
import io.axolotl.jepsen.chaos.judge.ChronicleJudge;
import io.axolotl.jepsen.chaos.judge.CompactionJudge;
import io.axolotl.jepsen.chaos.judge.CounterJudge;
import io.axolotl.jepsen.chaos.judge.Judge;
import io.axolotl.jepsen.chaos.judge.KeysJudge;
import io.axolotl.jepsen.chaos.judge.LeaseJudge;
import io.axolotl.jepsen.chaos.judge.LockJudge;
import io.axolotl.jepsen.chaos.judge.MembersJudge;
import io.axolotl.jepsen.chaos.judge.RevisionsJudge;
import io.axolotl.jepsen.chaos.judge.SetJudge;
import io.axolotl.jepsen.chaos.judge.StoreJudge;
import io.axolotl.jepsen.chaos.judge.WatchJudge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** All workloads by name. Stateless. */
public final class Workloads {
    /** Whoever waits for a lock waits in a call. */
    private static final Crowd.Settings FEW_LANES = new Crowd.Settings(2, Duration.ofSeconds(6));

    /** Reachable shares: of who depends on nobody, of who is refused when others were faster, of who waits for others. */
    private static final double FREE = 0.3;

    private static final double OFTEN_REFUSED = 0.25;
    private static final double WAITING = 0.15;

    private static final String MEMBERSHIP = "membership";

    private static final Map<String, Workload> ALL = all();

    private Workloads() {}

    private static Map<String, Workload> all() {
        Map<String, Workload> all = new LinkedHashMap<>();
        add(all, "register", RegisterPlay::new, new KeysJudge());
        add(all, "set", SetPlay::new, new SetJudge());
        put(
                all,
                new Played(
                        "append", OFTEN_REFUSED, Crowd.Settings.DEFAULT, AppendPlay::new, List.of(new AppendJudge())));
        add(all, "watch", WatchPlay::new, new WatchJudge());
        put(all, new Played("lease", FREE, Crowd.Settings.DEFAULT, LeasePlay::new, List.of(new LeaseJudge())));
        put(all, new Played("lock", WAITING, FEW_LANES, LockPlay::new, List.of(new LockJudge())));
        add(all, "counter", CounterPlay::new, new CounterJudge(), new KeysJudge());
        add(all, "bank", BankPlay::new, new BankJudge(BankPlay.ACCOUNTS, BankPlay.TOTAL), new StoreJudge());
        add(all, "compaction", CompactionPlay::new, new CompactionJudge(), new KeysJudge());
        add(all, MEMBERSHIP, MembershipPlay::new, new MembersJudge(), new KeysJudge());
        add(all, "mixed", MixedPlay::new, new WatchJudge(), new KeysJudge(), new StoreJudge());
        return all;
    }

    /** With the two judges that look at every call on keys. */
    private static void add(Map<String, Workload> all, String name, Supplier<Crowd.Play> play, Judge... judges) {
        List<Judge> every = new ArrayList<>(List.of(judges));
        every.add(new ChronicleJudge(true));
        every.add(new RevisionsJudge());
        put(all, new Played(name, FREE, Crowd.Settings.DEFAULT, play, every));
    }

    private static void put(Map<String, Workload> all, Workload workload) {
        all.put(workload.name(), workload);
    }

    /** In the order in which they are told of. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** Whether its clients change who the members are: then nobody can join who is told of them before. */
    public static boolean changesMembers(String name) {
        return name.equals(MEMBERSHIP);
    }

    /** @throws IllegalArgumentException if there is none of this name; the message names those that there are */
    public static Workload named(String name) {
        Workload workload = ALL.get(name);
        if (workload == null) {
            throw new IllegalArgumentException(
                    "there is no workload \"" + name + "\"; there are " + String.join(", ", names()));
        }
        return workload;
    }
}
