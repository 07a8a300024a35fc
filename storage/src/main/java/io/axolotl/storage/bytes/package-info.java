/**
 * The alphabet of this module's own binary formats: how numbers and byte strings are laid out, and how they are read
 * back without trusting them.
 *
 * <p>Three forms are used everywhere. <em>Fixed</em> numbers are big-endian, so that their bytes sort as they do.
 * <em>Varints</em> are little-endian groups of seven bits, the high bit of a byte saying that another follows; they take
 * one byte below 128 and at most ten. <em>Signed</em> numbers that may be negative are zigzagged into a varint.
 *
 * <p>{@link io.axolotl.storage.bytes.ByteSink} writes, or only counts: a codec runs the same walk twice, so that the
 * array it returns is allocated once and has no slack. {@link io.axolotl.storage.bytes.ByteSource} reads, and turns every
 * way in which bytes can be wrong into one exception; what that means is for the codec to say.
 *
 * <p>Used by {@code storage.command}, {@code storage.mvcc} and {@code storage.snapshot}. No class here is shared between
 * threads.
 */
@NullMarked
package io.axolotl.storage.bytes;

import org.jspecify.annotations.NullMarked;
