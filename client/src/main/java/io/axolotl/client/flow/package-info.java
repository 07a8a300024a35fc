/** What all streams with demand have in common, whatever they bring (Reactive Streams, {@link java.util.concurrent.Flow}). */
@org.jspecify.annotations.NullMarked
package io.axolotl.client.flow;
