@NullMarked
package io.axolotl.server;

import org.jspecify.annotations.NullMarked;
