@NullMarked
package io.axolotl.storage.statemachine;

import org.jspecify.annotations.NullMarked;
