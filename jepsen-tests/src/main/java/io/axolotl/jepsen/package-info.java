@NullMarked
package io.axolotl.jepsen;

import org.jspecify.annotations.NullMarked;
