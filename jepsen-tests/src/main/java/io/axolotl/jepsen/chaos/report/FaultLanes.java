package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.measure.FaultCost;
import java.util.ArrayList;
import java.util.List;

/**
 * The faults of a run as bars with their names, in as few rows as hold them without one name over another, and as bands over everything below.
 */
final class FaultLanes {
    private static final double ROW = 19;
    private static final double BAR = 13;
    private static final double CHARACTER = 6.8;
    private static final double GAP = 10;
    /** With more, only their numbers are written; the table says what they are. */
    private static final int MOST_NAMED = 70;

    private final Frame frame;
    private final List<FaultCost> faults;
    private final long untilNanos;
    private final List<Place> places = new ArrayList<>();
    private int rows;

    /**
     * Where one stands.
     *
     * @param labelX where its name begins
     * @param isInside whether its name stands on its bar
     */
    private record Place(FaultCost fault, int row, String label, double labelX, boolean isInside) {}

    FaultLanes(Frame frame, List<FaultCost> faults, long untilNanos) {
        this.frame = frame;
        this.faults = faults;
        this.untilNanos = untilNanos;
        List<Double> ends = new ArrayList<>();
        for (FaultCost fault : faults) {
            String label = label(fault);
            double from = frame.x(fault.fault().injectedNanos());
            double to = Math.max(from + 3, frame.x(end(fault.fault())));
            double width = Frame.width(label, CHARACTER);
            boolean isInside = to - from > width + 12;
            boolean isLeft = !isInside && to + 5 + width > Frame.WIDTH - 2;
            double labelX = isInside ? from + 6 : isLeft ? from - 5 - width : to + 5;
            double left = Math.min(from, labelX);
            double right = Math.max(to, labelX + width);
            int row = 0;
            while (row < ends.size() && ends.get(row) > left) {
                row++;
            }
            if (row == ends.size()) {
                ends.add(0.0);
            }
            ends.set(row, right + GAP);
            places.add(new Place(fault, row, label, labelX, isInside));
        }
        this.rows = ends.size();
    }

    private String label(FaultCost fault) {
        String number = Integer.toString(fault.number());
        return faults.size() > MOST_NAMED
                ? number
                : number + " " + fault.fault().id()
                        + (fault.fault().target().isEmpty()
                                ? ""
                                : " " + fault.fault().target());
    }

    private long end(FaultWindow fault) {
        return fault.healedNanos() == 0 ? untilNanos : fault.healedNanos();
    }

    double height() {
        return Math.max(1, rows) * ROW;
    }

    /** Bands from the faults down over the panels. */
    void bands(double top, double bottom) {
        for (FaultCost fault : faults) {
            long from = fault.fault().injectedNanos();
            frame.bar("band", from, end(fault.fault()), top, bottom - top, 1, "");
            frame.line("struck", frame.x(from), top, frame.x(from), bottom);
        }
    }

    /** The bars with their names. */
    void bars(double top) {
        if (places.isEmpty()) {
            frame.text(Frame.LEFT, top + 11, "small", "none");
        }
        for (Place place : places) {
            FaultWindow fault = place.fault.fault();
            double y = top + place.row * ROW;
            frame.bar("fault", fault.injectedNanos(), end(fault), y, BAR, 3, title(place.fault));
            frame.text(place.labelX, y + 10.5, place.isInside ? "name inside" : "name", place.label);
        }
    }

    private String title(FaultCost cost) {
        FaultWindow fault = cost.fault();
        return cost.number() + " " + fault.id() + " (" + String.join(", ", fault.catalogue()) + ")\n" + fault.target()
                + "\n" + fault.detail() + "\nfrom " + Words.clock(fault.injectedNanos())
                + (fault.healedNanos() == 0 ? ", not healed" : " to " + Words.clock(fault.healedNanos()));
    }
}
