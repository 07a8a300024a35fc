@NullMarked
package io.axolotl.server.metrics;

import org.jspecify.annotations.NullMarked;
