package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.Probe;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.measure.CallSeries;
import io.axolotl.jepsen.chaos.measure.RunMeasure;

/** A run from left to right: faults, calls, service, members, all over one axis of time. */
final class TimelinePicture {
    private static final double TOP = 22;
    private static final double BOTTOM = 26;

    private TimelinePicture() {}

    /** The last moment that the run knows of. */
    static long endNanos(RunRecord run) {
        long end = 1;
        for (Probe probe : run.probes()) {
            end = Math.max(end, probe.sentNanos());
        }
        for (FaultWindow fault : run.faults()) {
            end = Math.max(end, Math.max(fault.injectedNanos(), fault.healedNanos()));
        }
        for (ClusterEvent event : run.events()) {
            end = Math.max(end, event.atNanos());
        }
        return end;
    }

    static Html draw(RunRecord run, RunMeasure measure, CallSeries calls) {
        long until = Math.max(endNanos(run), calls.fromNanos(calls.slices().size()));
        Html svg = new Html();
        Frame frame = new Frame(svg, until);
        FaultLanes faults = new FaultLanes(frame, measure.faults(), until);
        CallPanels panels = new CallPanels(frame, calls);
        MemberLanes members = new MemberLanes(frame, run, until);
        double below = TOP + faults.height();
        double end = below + panels.height() + members.height();
        double height = end + BOTTOM;
        svg.open(
                        "svg",
                        "xmlns",
                        "http://www.w3.org/2000/svg",
                        "viewBox",
                        "0 0 " + Axis.number(Frame.WIDTH) + " " + Axis.number(height),
                        "class",
                        "timeline",
                        "role",
                        "img",
                        "aria-label",
                        "Timeline of the run")
                .line();
        svg.open("defs")
                .open(
                        "pattern",
                        "id",
                        "hatch",
                        "width",
                        "6",
                        "height",
                        "6",
                        "patternUnits",
                        "userSpaceOnUse",
                        "patternTransform",
                        "rotate(45)")
                .empty("rect", "class", "hatch-ground", "width", "6", "height", "6")
                .empty("rect", "class", "hatch-line", "width", "2.2", "height", "6")
                .close()
                .close()
                .line();
        frame.text(Frame.LEFT - 8, TOP + 10.5, "member end", "Faults");
        frame.grid(TOP, end);
        faults.bands(TOP, end);
        faults.bars(TOP);
        panels.draw(below);
        members.draw(below + panels.height());
        frame.line("base", Frame.LEFT, end, Frame.WIDTH - Frame.RIGHT, end);
        frame.timeLabels(end + 17);
        svg.close().line();
        return svg;
    }
}
