package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.measure.Members;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.chaos.measure.Window;
import io.axolotl.jepsen.process.Text;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A lane per member: who led, who was down, who caught up, and where its own clients were without service; above them the client that may choose.
 */
final class MemberLanes {
    private static final Pattern TERM = Pattern.compile("term \\d+");
    private static final double HEADING = 34;
    private static final double ROLE = 17;
    private static final double STRIP = 5;
    private static final double LANE = ROLE + 2 * STRIP + 13;
    private static final double CHARACTER = 7;

    private static final String NOTE =
            "Below each member: what clients that know no other were served, writes above reads.";

    private final Frame frame;
    private final RunRecord run;
    private final long untilNanos;

    MemberLanes(Frame frame, RunRecord run, long untilNanos) {
        this.frame = frame;
        this.run = run;
        this.untilNanos = untilNanos;
    }

    double height() {
        return 2 * HEADING + 22 + run.nodes() * LANE + 14;
    }

    void draw(double top) {
        double y = top + HEADING;
        frame.heading(
                y - 10,
                "Service to a client that may choose a member",
                List.of(Frame.Mark.area("served", "served"), Frame.Mark.area("bad", "without service")));
        frame.text(Frame.LEFT - 8, y + 7.5, "tick end", "writes");
        strip(-1, "write", y, 9);
        frame.text(Frame.LEFT - 8, y + 19.5, "tick end", "reads");
        strip(-1, "read", y + 12, 9);
        y += 22 + HEADING;
        frame.heading(
                y - 10,
                "Members",
                List.of(
                        Frame.Mark.area("leads", "leads"),
                        Frame.Mark.area("up", "follows"),
                        Frame.Mark.area("down", "is down"),
                        Frame.Mark.area("recovers", "catches up")));
        markLegend(y - 10);
        frame.text(Frame.LEFT, y + run.nodes() * LANE + 3, "small", NOTE);
        for (int member = 0; member < run.nodes(); member++) {
            lane(member, y + member * LANE);
        }
    }

    private void markLegend(double y) {
        double x = Frame.WIDTH - Frame.RIGHT - 372;
        String[][] marks = {
            {"election", "election"},
            {"start", "start"},
            {"exit", "exit"},
            {"snapshot-install", "snapshot installed"}
        };
        for (String[] mark : marks) {
            shape(mark[0], x, y - 4, "");
            frame.text(x + 9, y, "small", mark[1]);
            x += 24 + Frame.width(mark[1], Frame.SMALL);
        }
    }

    private void lane(int member, double y) {
        frame.text(Frame.LEFT - 8, y + 12.5, "member end", Members.name(member));
        frame.bar("up", 0, untilNanos, y, ROLE, 0, "");
        for (Leaderships.Span span : of(Leaderships.leaders(run, untilNanos), member)) {
            frame.bar(
                    "leads",
                    span.fromNanos(),
                    span.toNanos(),
                    y,
                    ROLE,
                    1.5,
                    Members.name(member) + " leads from " + Words.clock(span.fromNanos()) + " to "
                            + Words.clock(span.toNanos()) + "\n" + span.words());
            double room = frame.x(span.toNanos()) - frame.x(span.fromNanos());
            String label = label(span);
            if (!label.isEmpty() && room > Frame.width(label, CHARACTER) + 18) {
                frame.text(frame.x(span.fromNanos()) + 9, y + 12.2, "name inside", label);
            }
        }
        for (Leaderships.Span span : of(Leaderships.recoveries(run), member)) {
            frame.bar(
                    "recovers",
                    span.fromNanos(),
                    span.toNanos(),
                    y + ROLE - 5,
                    5,
                    2,
                    Members.name(member) + " caught up in " + Words.duration((Long) (span.toNanos() - span.fromNanos()))
                            + "\n" + span.words());
        }
        for (Leaderships.Span span : of(Leaderships.downs(run, untilNanos), member)) {
            frame.bar(
                    "down",
                    span.fromNanos(),
                    span.toNanos(),
                    y,
                    ROLE,
                    1.5,
                    Members.name(member) + " is down for " + Words.duration((Long) (span.toNanos() - span.fromNanos()))
                            + "\n" + span.words());
        }
        strip(member, "write", y + ROLE + 2, STRIP);
        strip(member, "read", y + ROLE + 3 + STRIP, STRIP);
        for (ClusterEvent event : run.events()) {
            if (event.member() == member) {
                mark(event, y);
            }
        }
    }

    private static String label(Leaderships.Span span) {
        Matcher term = TERM.matcher(span.words());
        return term.find() ? term.group() : "";
    }

    private static List<Leaderships.Span> of(List<Leaderships.Span> spans, int member) {
        return spans.stream().filter(span -> span.member() == member).toList();
    }

    private void strip(int member, String kind, double y, double height) {
        String who = member < 0 ? "a client that may choose" : Members.name(member);
        Window probed = RunMeasure.probed(run, member, kind);
        if (probed == null) {
            return;
        }
        frame.bar("served", probed.fromNanos(), probed.toNanos(), y, height, 1, who + ": " + kind + "s");
        for (Window window : RunMeasure.badStretches(run, member, kind)) {
            frame.bar(
                    "bad",
                    window.fromNanos(),
                    window.toNanos(),
                    y,
                    height,
                    1.2,
                    who + ": no " + kind + "s for " + Words.duration((Long) window.lengthNanos()) + " from "
                            + Words.clock(window.fromNanos()));
        }
    }

    private void mark(ClusterEvent event, double y) {
        String title = Words.clock(event.atNanos()) + " " + Members.name(event.member()) + " " + event.kind() + "\n"
                + event.detail() + (event.bytes() > 0 ? "\n" + Text.bytes(event.bytes()) : "");
        shape(event.kind(), frame.x(event.atNanos()), y + ROLE / 2, title);
    }

    private void shape(String kind, double x, double y, String title) {
        String form = switch (kind) {
            case "election" -> "M0 -5L5 0L0 5L-5 0Z";
            case "start" -> "M-4.5 4.5L0 -4.5L4.5 4.5Z";
            case "exit" -> "M-4 -4L4 4M4 -4L-4 4";
            case "snapshot-install" -> "M-4.5 -4H4.5V0L0 5L-4.5 0Z";
            default -> "";
        };
        if (form.isEmpty()) {
            return;
        }
        frame.svg.open(
                "path",
                "class",
                "mark " + kind,
                "d",
                form,
                "transform",
                "translate(" + Axis.number(x) + " " + Axis.number(y) + ")");
        if (!title.isEmpty()) {
            frame.svg.leaf("title", title);
        }
        frame.svg.close().line();
    }
}
