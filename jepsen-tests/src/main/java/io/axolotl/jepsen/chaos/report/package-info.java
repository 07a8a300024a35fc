/**
 * What people and programs read of a run and of a campaign: pages that stand alone (no script, nothing loaded, light and dark), and JSON
 * with the same figures.
 *
 * <p>{@link io.axolotl.jepsen.chaos.report.ChaosReport} is the way in. A page works nothing out: it shows a {@link
 * io.axolotl.jepsen.chaos.measure.RunMeasure} and the tables of {@link io.axolotl.jepsen.chaos.measure.Availability}, so that page, JSON and
 * judgement agree. Everything that comes from a run is escaped ({@code Html}).
 *
 * <p>Thread rule: everything here is confined to the thread that writes, or immutable.
 */
@NullMarked
package io.axolotl.jepsen.chaos.report;

import org.jspecify.annotations.NullMarked;
