/**
 * What single parts cost, measured with JMH: the core without disk and network, the write-ahead log without the core. Not part of
 * the normal build and never run as a test, since a figure that depends on the machine's mood proves nothing there.
 */
@NullMarked
package io.axolotl.benchmarks;

import org.jspecify.annotations.NullMarked;
