package io.axolotl.jepsen.chaos.measure;

import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.Probe;
import io.axolotl.jepsen.chaos.RunRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Works out the costs of the faults of one run. Confined to one thread. */
final class Measuring {
    static final List<String> KINDS = List.of("write", "read");

    /** What a member tells of a decision of its own. */
    private static final Set<String> DECISIONS = Set.of("election", "leader", "step-down", "alarm");

    private static final long SECOND = 1_000_000_000L;

    /** Of the probes of the second before a fault that must have been answered for it to count. */
    private static final double SERVED_BEFORE = 0.9;

    private final RunRecord run;
    private final Bounds bounds;
    private final List<FaultWindow> faults;
    private final List<ClusterEvent> events;
    private final Map<String, Map<Integer, ProbeSeries>> series = new TreeMap<>();
    private final long firstProbeNanos;
    private final long lastProbeNanos;
    /** Numbers of faults, from 0, by episode. */
    private final List<List<Integer>> episodes;

    private final List<FaultCost> costs = new ArrayList<>();

    Measuring(RunRecord run, Bounds bounds) {
        this.run = run;
        this.bounds = bounds;
        this.faults = run.faults().stream()
                .sorted(Comparator.comparingLong(FaultWindow::injectedNanos))
                .toList();
        this.events = run.events().stream()
                .sorted(Comparator.comparingLong(ClusterEvent::atNanos))
                .toList();
        this.firstProbeNanos =
                run.probes().stream().mapToLong(Probe::sentNanos).min().orElse(0);
        this.lastProbeNanos =
                run.probes().stream().mapToLong(Probe::sentNanos).max().orElse(0);
        for (String kind : KINDS) {
            series.put(kind, ProbeSeries.byMember(run.probes(), kind));
        }
        this.episodes = episodes();
        for (int fault = 0; fault < faults.size(); fault++) {
            costs.add(cost(fault));
        }
    }

    long probedNanos() {
        return lastProbeNanos - firstProbeNanos;
    }

    List<FaultCost> costs() {
        return costs;
    }

    private List<ProbeSeries> streams(View view, String kind, Set<Integer> hurt) {
        return series.getOrDefault(kind, Map.of()).entrySet().stream()
                .filter(entry -> switch (view) {
                    case SMART -> entry.getKey() < 0;
                    case HEALTHY -> entry.getKey() >= 0 && !hurt.contains(entry.getKey());
                    case ALL -> entry.getKey() >= 0;
                })
                .map(Map.Entry::getValue)
                .toList();
    }

    private Set<Integer> hurt(List<Integer> numbers) {
        Set<Integer> hurt = new TreeSet<>();
        numbers.forEach(number -> hurt.addAll(Members.of(faults.get(number).target(), run.nodes())));
        return hurt;
    }

    private long healed(int fault) {
        long healed = faults.get(fault).healedNanos();
        return healed == 0 ? Math.max(lastProbeNanos, faults.get(fault).injectedNanos()) : healed;
    }

    /** Healing may hurt, too: service must be good for long enough after it. */
    private long watchedUntil(int fault) {
        return healed(fault) + bounds.goodInARow() * bounds.bucketNanos();
    }

    private List<List<Integer>> episodes() {
        List<List<Integer>> found = new ArrayList<>();
        long over = Long.MIN_VALUE;
        for (int fault = 0; fault < faults.size(); fault++) {
            if (found.isEmpty() || faults.get(fault).injectedNanos() >= over) {
                found.add(new ArrayList<>());
            }
            found.get(found.size() - 1).add(fault);
            over = Math.max(over, over(fault));
        }
        return found;
    }

    /** When a fault was healed and the client that may choose was served again. */
    private long over(int fault) {
        long over = healed(fault);
        for (String kind : KINDS) {
            List<ProbeSeries> streams = streams(View.SMART, kind, Set.of());
            for (Window window : scan(streams, fault).windows()) {
                over = Math.max(over, window.toNanos());
            }
        }
        return over;
    }

    private Scan scan(List<ProbeSeries> streams, int fault) {
        return streams.isEmpty()
                ? new Scan(List.of(), 0, faults.get(fault).injectedNanos(), true, 0, 0)
                : Scan.of(streams, faults.get(fault).injectedNanos(), watchedUntil(fault), lastProbeNanos, bounds);
    }

    private List<Integer> episodeOf(int fault) {
        return episodes.stream()
                .filter(episode -> episode.contains(fault))
                .findFirst()
                .orElseThrow();
    }

    private FaultCost cost(int number) {
        FaultWindow fault = faults.get(number);
        List<Integer> members = Members.of(fault.target(), run.nodes());
        List<Integer> episode = episodeOf(number);
        List<Service> services = new ArrayList<>();
        long settled = Math.max(fault.injectedNanos() + SECOND, healed(number));
        for (View view : View.values()) {
            for (String kind : KINDS) {
                List<ProbeSeries> streams = streams(view, kind, hurt(episode));
                if (!streams.isEmpty()) {
                    Scan scan = scan(streams, number);
                    services.add(Service.of(view, kind, scan, fault.injectedNanos(), bounds));
                    settled = view == View.SMART ? Math.max(settled, scan.settledNanos()) : settled;
                }
            }
        }
        long until = Math.min(settled, nextFault(number));
        Long decided = first(DECISIONS, fault.injectedNanos(), until);
        Long led = first(Set.of("leader"), fault.injectedNanos(), until);
        CatchUp catchUp = catchUp(number, members);
        return new FaultCost(
                number + 1,
                fault,
                members,
                episode.stream()
                        .filter(other -> other != number)
                        .map(other -> other + 1)
                        .toList(),
                number == episode.get(0) ? whyVoid(fault.injectedNanos()) : "",
                since(decided, fault.injectedNanos()),
                led == null || decided == null ? null : (Long) (led - decided),
                since(led, fault.injectedNanos()),
                services,
                since(catchUp.atNanos, fault.healedNanos()),
                catchUp.words,
                catchUp.bytes);
    }

    private static @Nullable Long since(@Nullable Long momentNanos, long fromNanos) {
        return momentNanos == null ? null : (Long) (momentNanos - fromNanos);
    }

    private long nextEpisode(int fault) {
        int next = episodes.indexOf(episodeOf(fault)) + 1;
        return next < episodes.size() ? faults.get(episodes.get(next).get(0)).injectedNanos() : Long.MAX_VALUE;
    }

    /** What is reported after it is put down to the next fault. */
    private long nextFault(int number) {
        return faults.stream()
                .mapToLong(FaultWindow::injectedNanos)
                .filter(injected -> injected > faults.get(number).injectedNanos())
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private @Nullable Long first(Set<String> kinds, long fromNanos, long untilNanos) {
        return events.stream()
                .filter(event ->
                        kinds.contains(event.kind()) && event.atNanos() >= fromNanos && event.atNanos() < untilNanos)
                .map(ClusterEvent::atNanos)
                .findFirst()
                .orElse(null);
    }

    /** @param atNanos when the last of the members had caught up; null if one did not */
    private record CatchUp(@Nullable Long atNanos, String words, long bytes) {}

    /**
     * What the members that a fault names, or all if it names none, report of catching up after it was healed and before something names them again.
     * Who reports nothing was never behind, unless its process ended.
     */
    private CatchUp catchUp(int number, List<Integer> members) {
        FaultWindow fault = faults.get(number);
        if (fault.healedNanos() == 0) {
            return new CatchUp(null, "", 0);
        }
        Long last = null;
        long bytes = 0;
        Set<String> ways = new TreeSet<>();
        List<Integer> asked =
                members.isEmpty() ? IntStream.range(0, run.nodes()).boxed().toList() : members;
        for (int member : asked) {
            long until = hurtAgain(number, member);
            Optional<ClusterEvent> caughtUp = of(member, "caught-up", fault.healedNanos(), until);
            if (caughtUp.isEmpty() && isOwing(member, fault.injectedNanos(), until)) {
                return new CatchUp(null, "", 0);
            }
            if (caughtUp.isPresent()) {
                long at = caughtUp.get().atNanos();
                Optional<ClusterEvent> installed = of(member, "snapshot-install", fault.injectedNanos(), at + 1);
                boolean isTold = !caughtUp.get().detail().endsWith(ClusterEvent.UNTOLD);
                ways.add(installed.isPresent() ? "snapshot" : isTold ? "log" : "not told");
                bytes += caughtUp.get().bytes()
                        + installed.map(ClusterEvent::bytes).orElse(0L);
                last = last == null ? at : (Long) Math.max(last, at);
            }
        }
        return new CatchUp(last, String.join(", ", ways), bytes);
    }

    /** A process that ended or began owes a report that it has caught up; one that was never behind does not. */
    private boolean isOwing(int member, long fromNanos, long untilNanos) {
        return of(member, "exit", fromNanos, untilNanos).isPresent()
                || of(member, "start", fromNanos, untilNanos).isPresent();
    }

    private Optional<ClusterEvent> of(int member, String kind, long fromNanos, long untilNanos) {
        return events.stream()
                .filter(event -> event.member() == member
                        && event.kind().equals(kind)
                        && event.atNanos() >= fromNanos
                        && event.atNanos() < untilNanos)
                .findFirst();
    }

    private long hurtAgain(int number, int member) {
        return IntStream.range(number + 1, faults.size())
                .filter(later ->
                        faults.get(later).injectedNanos() > faults.get(number).healedNanos())
                .filter(later ->
                        Members.of(faults.get(later).target(), run.nodes()).contains(member))
                .mapToLong(later -> faults.get(later).injectedNanos())
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private String whyVoid(long faultNanos) {
        List<Probe> before = streams(View.SMART, "write", Set.of()).stream()
                .flatMap(stream -> stream.between(faultNanos - SECOND, faultNanos).stream())
                .toList();
        if (firstProbeNanos > faultNanos - SECOND || before.isEmpty()) {
            return "no second of probes before it";
        }
        if (faultNanos + SECOND > lastProbeNanos) {
            return "no second of probes after it";
        }
        long served = before.stream()
                .filter(probe -> ProbeSeries.isServed(probe, bounds))
                .count();
        return served < SERVED_BEFORE * before.size()
                ? "only " + served + " of " + before.size() + " probes were served in the second before it"
                : "";
    }

    /** The run in pieces, for every view and kind that has probes. */
    List<Cycle> cycles() {
        List<Cycle> cycles = new ArrayList<>();
        for (View view : View.values()) {
            for (String kind : KINDS) {
                if (!streams(view, kind, Set.of()).isEmpty()) {
                    long first = episodes.isEmpty()
                            ? lastProbeNanos
                            : faults.get(episodes.get(0).get(0)).injectedNanos();
                    if (first > firstProbeNanos) {
                        cycles.add(quiet(view, kind, first));
                    }
                    for (List<Integer> episode : episodes) {
                        List<ProbeSeries> streams = streams(view, kind, hurt(episode));
                        if (!streams.isEmpty()) {
                            cycles.add(cycle(view, kind, episode, streams));
                        }
                    }
                }
            }
        }
        return cycles;
    }

    private Cycle quiet(View view, String kind, long untilNanos) {
        Scan scan = Scan.of(streams(view, kind, Set.of()), firstProbeNanos, Long.MAX_VALUE, untilNanos, bounds);
        return new Cycle("", view, kind, "", untilNanos - firstProbeNanos, scan.windows(), null, null, null, null);
    }

    private Cycle cycle(View view, String kind, List<Integer> episode, List<ProbeSeries> streams) {
        FaultCost first = costs.get(episode.get(0));
        long from = first.fault().injectedNanos();
        long until = Math.max(from, Math.min(nextEpisode(episode.get(0)), lastProbeNanos));
        Service service = first.service(view, kind);
        List<Window> windows =
                Scan.of(streams, from, Long.MAX_VALUE, until, bounds).windows();
        return new Cycle(
                episode.stream()
                        .map(number -> faults.get(number).id())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(" + ")),
                view,
                kind,
                first.whyVoid(),
                until - from,
                windows,
                service == null ? null : service.recoveryNanos(),
                first(episode, FaultCost::detectionNanos),
                first(episode, FaultCost::newLeaderNanos),
                first(episode, FaultCost::redundancyNanos));
    }

    /** Of the first fault of an episode that has it. */
    private @Nullable Long first(List<Integer> episode, Function<FaultCost, @Nullable Long> time) {
        for (int number : episode) {
            Long known = time.apply(costs.get(number));
            if (known != null) {
                return known;
            }
        }
        return null;
    }
}
