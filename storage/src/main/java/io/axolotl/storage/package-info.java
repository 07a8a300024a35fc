@NullMarked
package io.axolotl.storage;

import org.jspecify.annotations.NullMarked;
