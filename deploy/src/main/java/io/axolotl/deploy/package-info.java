/**
 * What only an installation needs: the run that a class archive is made of. Everything else of the distribution is files:
 * launchers, a configuration, a systemd unit, and the assembly that packs them with the jars.
 *
 * <p>Nobody calls this package but {@code bin/axolotl}. Thread rule: confined to the main thread.
 */
@NullMarked
package io.axolotl.deploy;

import org.jspecify.annotations.NullMarked;
